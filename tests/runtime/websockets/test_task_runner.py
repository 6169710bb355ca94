"""`run_tasks` with fake tasks whose runs the test ends."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from typing import Any

import flyte_runtime as rt
import pytest
from fastapi import FastAPI, WebSocket
from flyte_runtime.testing import FakeTask, wired
from flyte_runtime.websockets import Rooms, run_tasks

from tests.runtime.websockets.conftest import joined, until


@pytest.fixture
def train() -> Iterator[FakeTask]:
    fake = FakeTask(lambda epochs: epochs, hold=True)
    with wired({"train": fake}):
        yield fake


def asking(epochs: int) -> str:
    return json.dumps({"id": epochs, "task": "train", "inputs": {"epochs": epochs}})


async def test_a_client_of_a_room_asks_and_its_leaving_ends_the_following_only(
    serve: Callable[..., str], train: FakeTask
) -> None:
    app, rooms, ended = FastAPI(), Rooms(), []

    @app.websocket("/runs")
    async def runs(ws: WebSocket) -> None:
        async with rooms.join(ws, "all") as client:
            await run_tasks(client, {"learn": rt.task("train"), "train": rt.task("train")})
            ended.append(client.code)

    async with joined(f"{serve(app)}/runs") as ann:
        await ann.send(asking(1))
        await ann.send(asking(2).replace("train", "learn"))
        states = [json.loads(await ann.recv()) for _ in range(4)]
        phases = {(state["id"], state["phase"]) for state in states}
        assert phases == {(1, "queued"), (1, "running"), (2, "queued"), (2, "running")}
        assert all(run._waiting for run in train.runs)
    await until(lambda: ended)
    assert ended == [1000]
    assert not any(run._waiting or run.updates[-1].done for run in train.runs)


async def test_more_than_it_may_have_at_once_wait(serve: Callable[..., str], train: FakeTask) -> None:
    app = FastAPI()

    @app.websocket("/runs")
    async def runs(ws: WebSocket) -> None:
        await run_tasks(ws, [rt.task("train")], at_once=1)

    async with joined(f"{serve(app)}/runs") as ann:
        for epochs in (1, 2):
            await ann.send(asking(epochs))
        await until(lambda: len(train.runs) == 1)
        await asyncio.sleep(0.1)
        assert len(train.runs) == 1
        train.runs[0].succeed(1)
        await until(lambda: len(train.runs) == 2)
        states: list[Any] = [json.loads(await ann.recv()) for _ in range(5)]
        assert [state["id"] for state in states] == [1, 1, 1, 2, 2]
        assert states[2]["phase"] == "succeeded"
