"""docs/websockets.md: every block of code runs, and the table has the defaults of the limits."""

from __future__ import annotations

import asyncio
import inspect
import json
import re
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import flyte_runtime as rt
from fastapi import FastAPI, WebSocket
from flyte_runtime.testing import wired
from flyte_runtime.websockets import Rooms

from tests.runtime.conftest import serving
from tests.runtime.websockets.conftest import joined, until

Serve = Callable[..., str]
PAGE = (Path(__file__).resolve().parents[3] / "docs" / "websockets.md").read_text()
BLOCKS = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)


def run(block: str) -> dict[str, Any]:
    names: dict[str, Any] = {"__name__": "page"}
    exec(compile(block, "docs/websockets.md", "exec"), names)
    return names


def has_both(rooms: Any) -> bool:
    """Check whether both clients are in the room. The rooms are a dict of lists in one chat, and Rooms in the other."""
    return "a" in tuple(rooms) and len(rooms["a"]) == 2


async def test_both_chats_tell_everybody_else(serve: Serve) -> None:
    chats = [(names["app"], names["rooms"]) for names in map(run, BLOCKS) if "chat" in names]
    assert len(chats) == 2
    for app, rooms in chats:
        url = serve(app)
        async with joined(f"{url}/chat/a") as ann, joined(f"{url}/chat/a") as bob:
            await until(partial(has_both, rooms))
            await ann.send("hello")
            assert await asyncio.wait_for(bob.recv(), 30) == "hello"


def test_the_apps_with_runs_have_their_routes() -> None:
    (app,) = [names["app"] for names in map(run, BLOCKS) if "train" in names]
    assert {"/train/{epochs}", "/runs"} <= {route.path for route in app.routes}


async def test_the_client_follows_over_a_lost_connection(capsys: Any) -> None:
    feed = FastAPI()

    @feed.websocket("/live")
    async def live(ws: WebSocket) -> None:
        await ws.accept()
        after = (await ws.receive_json())["after"]
        await ws.send_json({"id": after + 1})
        await ws.close(1012 if after < 2 else 1000)

    (follow,) = [names["follow"] for names in map(run, BLOCKS) if "follow" in names and "rt" in names]
    rt.testing.set_testing()
    try:
        with serving(feed) as url, wired({"feed": url}):
            await follow()
    finally:
        rt.testing.set_testing(False)
    assert [json.loads(line)["id"] for line in capsys.readouterr().out.splitlines()] == [1, 2, 3]


def test_the_table_gives_the_defaults() -> None:
    defaults = {name: parameter.default for name, parameter in inspect.signature(Rooms).parameters.items()}
    assert defaults["queue_bytes"] == 8 * 2**20
    for name in ("queue", "max_message", "rate", "burst", "stall_timeout", "max_clients"):
        stated = re.search(rf"`{name}=([\d_]+)`", PAGE)
        assert stated, name
        assert float(stated[1]) == defaults[name]
