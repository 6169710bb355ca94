"""One app, and the address of its rooms."""

import pulumi
from pulumi_flyte import App, Environment

live = Environment("live")

chat = App("chat", environment=live, source="chat.py:app")

pulumi.export("chat", chat.public_endpoint.apply(lambda url: f"ws{url.removeprefix('http')}/chat"))
