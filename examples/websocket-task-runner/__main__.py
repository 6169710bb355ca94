"""Runs that a client starts and follows over one WebSocket."""

import pulumi
from pulumi_flyte import App, Environment, Task

jobs = Environment("jobs")

simulate = Task("simulate", environment=jobs, source="tasks.py:simulate")
runner = App("runner", environment=jobs, source="runner.py:app", inputs={"simulate": simulate})

pulumi.export("runner", runner.public_endpoint.apply(lambda url: f"ws{url.removeprefix('http')}/runs"))
