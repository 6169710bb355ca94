"""Every app, task, trigger and secret that the folder `greetings` defines, under Pulumi."""

import pulumi
from pulumi_flyte import Environment, discover

config = pulumi.Config()
where = Environment("where")
found = discover(
    "greetings/",
    environment=where,
    secrets={"greeting-key": config.get_secret("greetingKey") or "not very secret"},
)

pulumi.export("front", found.apps["front"].public_endpoint)
pulumi.export("letters", found.tasks["letters.count"].version)
