"""Deliveries that start tasks, on the real local control plane."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import flyte_runtime as rt
import pytest
from flyte_runtime.webhooks import Bearer, Delivery, FileReplays, GitHub, MemoryReplays, Webhook
from pydantic import BaseModel, Field

from tests.runtime.flyte_internals import forget_connection
from tests.runtime.webhooks import senders
from tests.runtime.webhooks.door import Door
from tests.runtime.webhooks.senders import KEY
from tests.runtime.webhooks.test_hook import fastapi_door, starlette_door
from tests.runtime.websockets.conftest import until

pytestmark = [pytest.mark.xdist_group("runtime-tasks"), pytest.mark.usefixtures("jobs")]


class Numbers(BaseModel):
    n: int = Field(ge=0)
    label: str = "from the model"


async def start_double(delivery: Delivery[Any]) -> dict[str, str]:
    run = await delivery.start("double")
    return {"run": run.name}


async def test_a_delivery_is_one_run_however_often_and_wherever_it_comes(tmp_path: Path) -> None:
    """Two replicas share no store of deliveries. Each handles the delivery once, and both start the same run."""
    leave = asyncio.Event()

    async def start(delivery: Delivery[Any]) -> dict[str, str]:
        await leave.wait()
        return await start_double(delivery)

    before = {run.name for run in await rt.task("double").runs(100)}
    sent = senders.github(b'{"n": 21}', delivery="72d3162e-cc78-11e3-81ab-4c9367dc0958")
    doors = [
        make(Webhook(GitHub(KEY), tasks=["double"], replays=FileReplays(tmp_path / str(number))), start)
        for number, make in enumerate((fastapi_door, starlette_door))
    ]
    deliveries = [asyncio.create_task(door.send(sent)) for door in doors for _ in range(8)]
    await until(lambda: sum(delivery.done() for delivery in deliveries) == 14)
    leave.set()
    assert sorted([(await delivery).status for delivery in deliveries]) == [200] * 2 + [409] * 14
    (started,) = {run.name for run in await rt.task("double").runs(100)} - before
    again = [(await door.send(sent)).detail for door in doors]
    assert again == [{"duplicate": "72d3162e-cc78-11e3-81ab-4c9367dc0958", "runs": [started]}] * 2
    (run,) = [run for run in await rt.task("double").runs(100) if run.name == started]
    assert (await run.wait(60)).succeeded
    assert await run.result() == 42


def by_name(hook: Webhook[Any]) -> Door:
    async def handler(delivery: Delivery[Any]) -> dict[str, str]:
        run = await delivery.start(delivery.payload["task"], delivery.payload.get("inputs"))
        return {"run": run.name}

    return fastapi_door(hook, handler)


async def test_only_the_tasks_that_are_listed() -> None:
    before = len(await rt.task("quiet").runs(100))
    door = by_name(Webhook(Bearer(KEY), tasks=["double"]))
    for name in ("quiet", "doubel", "../double", "demo/development/jobs.quiet@v1", ""):
        body = b'{"task": "%b", "inputs": {"n": 1}}' % name.encode()
        answer = await door.send(senders.bearer(body))
        assert (answer.status, "not one that this webhook may start" in answer.detail) == (403, True)
    assert len(await rt.task("quiet").runs(100)) == before
    assert (await door.send(senders.bearer(b'{"task": "double", "inputs": {"n": 1}}'))).status == 200


async def test_inputs_that_do_not_fit_the_task_are_422_with_their_names() -> None:
    door = by_name(Webhook(GitHub(KEY), tasks=["double"], replays=MemoryReplays()))
    answer = await door.send(senders.github(b'{"task": "double", "inputs": {"n": "s3cret", "m": 1}}'))
    assert answer.status == 422
    assert sorted(problem["loc"] for problem in answer.detail) == [["body", "m"], ["body", "n"]]
    assert b"s3cret" not in answer.body


async def test_a_tasks_own_model_makes_its_inputs() -> None:
    door = starlette_door(Webhook(GitHub(KEY), tasks={"double": Numbers}, replays=MemoryReplays()), start_double)
    refused = await door.send(senders.github(b'{"n": -1}'))
    assert (refused.status, refused.detail[0]["loc"]) == (422, ["body", "n"])
    no_object = await door.send(senders.github(b"[1]"))
    assert no_object.status == 422
    answer = await door.send(senders.github(b'{"n": 3, "more": "than the model has"}'))
    assert answer.status == 200


async def test_a_control_plane_out_of_reach_is_503_and_the_delivery_may_come_again(
    monkeypatch: pytest.MonkeyPatch, plane: int, free_port: int
) -> None:
    door = starlette_door(Webhook(GitHub(KEY), tasks=["double"], replays=MemoryReplays()), start_double)
    sent = senders.github(b'{"n": 1}')
    rt.testing.set_testing()
    try:
        forget_connection()
        monkeypatch.setenv("_U_EP_OVERRIDE", f"127.0.0.1:{free_port}")
        answer = await door.send(sent)
        assert (answer.status, answer.headers[b"retry-after"]) == (503, b"5")
    finally:
        rt.testing.set_testing(False)
    forget_connection()
    monkeypatch.setenv("_U_EP_OVERRIDE", f"127.0.0.1:{plane}")
    assert (await door.send(sent)).status == 200
