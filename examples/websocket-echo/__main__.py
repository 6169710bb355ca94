"""One app, and the address of its WebSocket."""

import pulumi
from pulumi_flyte import App, Environment

live = Environment("live")

echo = App("echo", environment=live, source="echo.py:app")

pulumi.export("echo", echo.public_endpoint.apply(lambda url: f"ws{url.removeprefix('http')}/echo"))
