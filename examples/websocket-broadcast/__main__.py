"""One app, and the address of its WebSocket."""

import pulumi
from pulumi_flyte import App, Environment

live = Environment("live")

board = App("board", environment=live, source="board.py:app")

pulumi.export("board", board.public_endpoint.apply(lambda url: f"ws{url.removeprefix('http')}/board"))
