"""An API that starts runs of a task. It always starts the version that this program deployed."""

import pulumi
from pulumi_flyte import App, Environment, Task

jobs = Environment("jobs")

process = Task("process", environment=jobs, source="tasks.py:process")
api = App("api", environment=jobs, source="api.py:app", inputs={"process": process})

pulumi.export("api", api.public_endpoint)
