"""A task that calls an app. Pulumi starts the app first, because the task refers to it."""

import pulumi
from pulumi_flyte import App, Environment, Task

reviews = Environment("reviews")

scorer = App("scorer", environment=reviews, source="scorer.py:app")
rate = Task("rate", environment=reviews, source="tasks.py:rate", inputs={"scorer": scorer})

pulumi.export("scorer", scorer.public_endpoint)
pulumi.export("task", rate.name)
