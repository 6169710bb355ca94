"""`stream_run` and `run_tasks` behind a real server, with runs of the real local control plane."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import flyte_runtime as rt
import pytest
from fastapi import FastAPI, WebSocket
from flyte_runtime.serving.websocket_protocol import Protocol
from flyte_runtime.websockets import Rooms, run_tasks, stream_run

from tests.runtime.conftest import serving
from tests.runtime.websockets.conftest import joined, until

pytestmark = [pytest.mark.xdist_group("runtime-tasks"), pytest.mark.usefixtures("jobs")]


@pytest.fixture
def seen() -> list[Any]:
    """A list to which the handlers add runs and last updates."""
    return []


@pytest.fixture
def url(seen: list[Any]) -> Iterator[str]:
    app, rooms = FastAPI(), Rooms()

    @app.websocket("/watch/{seconds}")
    async def watch(ws: WebSocket, seconds: float) -> None:
        run = await rt.task("sleep").start(seconds=seconds)
        seen.append(run)
        seen.append(await stream_run(ws, run))

    @app.websocket("/room")
    async def room(ws: WebSocket) -> None:
        async with rooms.join(ws, "runs") as client:
            async for message in client:
                run = await rt.task("double").start(n=int(message))
                seen.append(await stream_run(client, run, asked=message))

    @app.websocket("/runs")
    async def runs(ws: WebSocket) -> None:
        await run_tasks(ws, [rt.task("double"), rt.task("fail")])

    with serving(app, ws=Protocol) as at:
        yield at.replace("http", "ws", 1)


async def test_a_runs_states_arrive_until_it_has_ended(url: str, seen: list[Any]) -> None:
    async with joined(f"{url}/watch/0.2") as ws:
        updates = [json.loads(text) async for text in ws]
        assert ws.close_code == 1000
    await until(lambda: len(seen) == 2)
    run, last = seen
    assert {update["run"] for update in updates} == {run.name}
    assert {update["url"] for update in updates} == {run.url}
    assert [update["done"] for update in updates] == [False] * (len(updates) - 1) + [True]
    assert updates[-1]["phase"] == last.phase == "succeeded"
    assert updates[-1]["ended_at"].endswith("+00:00")


async def test_a_client_that_leaves_ends_the_watching_and_not_the_run(url: str, seen: list[Any]) -> None:
    async with joined(f"{url}/watch/3") as ws:
        await ws.recv()
        await ws.send("what I say is read and ignored")
    await until(lambda: len(seen) == 2)
    run, last = seen
    assert last is None
    assert (await run.wait(60)).succeeded


async def test_a_client_of_a_room_stays_and_its_messages_are_the_handlers(url: str, seen: list[Any]) -> None:
    async with joined(f"{url}/room") as ws:
        for number in ("3", "4"):
            await ws.send(number)
            while not (update := json.loads(await ws.recv()))["done"]:
                pass
            assert (update["asked"], update["phase"]) == (number, "succeeded")
    await until(lambda: len(seen) == 2)
    assert [last.phase for last in seen] == ["succeeded"] * 2


async def test_a_client_starts_what_it_may_and_is_told_what_it_may_not(url: str) -> None:
    async with joined(f"{url}/runs") as ws:

        async def ask(request: Any) -> dict[str, Any]:
            await ws.send(request if isinstance(request, (str, bytes)) else json.dumps(request))
            while True:
                answer: dict[str, Any] = json.loads(await asyncio.wait_for(ws.recv(), 60))
                if "error" in answer and "run" not in answer:
                    return answer
                if answer.get("done"):
                    return answer

        done = await ask({"id": 7, "task": "double", "inputs": {"n": 2}, "idempotency_key": "order-1"})
        assert (done["id"], done["phase"]) == (7, "succeeded")
        again = await ask({"task": "double", "inputs": {"n": 2}, "idempotency_key": "order-1"})
        assert again["run"] == done["run"]
        failed = await ask({"id": "f", "task": "fail", "inputs": {"message": "no luck"}})
        assert failed["phase"] == "failed"
        assert "no luck" in failed["error"]
        wrong = await ask({"id": 8, "task": "double", "inputs": {"n": "two"}})
        assert (wrong["id"], list(wrong["problems"])) == (8, ["n"])
        assert await ask({"id": 9, "task": "quiet"}) == {
            "id": 9,
            "error": "there is no task 'quiet' here; the tasks: double, fail",
        }
        for nonsense, error in [
            (b"\xff", "a request is a JSON object"),
            ("[" * 5000, "a request is a JSON object"),
            ("[]", "a request is a JSON object"),
            ({"task": ["double"]}, "'task' must be the name"),
            ({"task": "double", "inputs": [1]}, "'inputs' must be an object"),
            ({"task": "double", "idempotency_key": 1}, "'idempotency_key' must be text"),
            ('{"task": "double", "inputs": {"n": 1}, "id": NaN}', "'id' cannot be sent back"),
        ]:
            assert error in (await ask(nonsense))["error"]
