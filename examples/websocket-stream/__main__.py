"""An app that sends readings, and a task that listens to it for a while."""

import pulumi
from pulumi_flyte import App, Environment, Task

live = Environment("live")

feed = App("feed", environment=live, source="feed.py:app")
average = Task("average", environment=live, source="tasks.py:average", inputs={"feed": feed})

pulumi.export("feed", feed.public_endpoint.apply(lambda url: f"ws{url.removeprefix('http')}/readings"))
