"""Deploys every app, task, trigger and secret that the folder `greetings` defines."""

import pulumi
from pulumi_flyte import Environment, discover

config = pulumi.Config()
place = Environment("where")
greetings = discover(
    "greetings/",
    environment=place,
    secrets={"greeting-key": config.get_secret("greetingKey") or "not very secret"},
)

pulumi.export("front", greetings.apps["front"].public_endpoint)
pulumi.export("letters", greetings.tasks["letters.count"].version)
