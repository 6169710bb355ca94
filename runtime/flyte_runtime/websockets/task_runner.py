"""Starts tasks for a WebSocket client and sends it the updates of their runs."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any

from flyte_runtime.errors import ClientLeft, FlyteRuntimeError, InvalidMessage
from flyte_runtime.tasks import TaskHandle
from flyte_runtime.websockets.connection import Client, attend
from flyte_runtime.websockets.payload import Payload
from flyte_runtime.websockets.runs import stream_run
from flyte_runtime.websockets.socket import ServerSocket

__all__ = ["run_tasks"]

Tasks = Mapping[str, TaskHandle] | Iterable[TaskHandle]


async def run_tasks(ws: ServerSocket | Client, tasks: Tasks, *, at_once: int = 8) -> None:
    """Start the tasks that a client requests, and send it their updates, until it leaves. Its runs then go on.

    The client may start only `tasks`, by their aliases or by the keys of the mapping.


        → {"id": 1, "task": "train", "inputs": {"epochs": 3}, "idempotency_key": "order-7"}
        ← {"id": 1, "run": "r1", "url": "http://…", "phase": "queued", …}      and so on, as `stream_run` sends it
        ← {"id": 2, "error": "…", "problems": {"epochs": "…"}}                  if nothing was started

    `id` is chosen by the client and returned unchanged. `id` and `idempotency_key` are optional. At most `at_once` runs
    are followed for a client. Further requests wait, and then no more messages are read until a run has ended.
    """
    allowed = dict(tasks) if isinstance(tasks, Mapping) else {task.alias: task for task in tasks}
    if isinstance(ws, Client):
        await _serve(ws, allowed, at_once)
    else:
        async with attend(ws) as client:
            await _serve(client, allowed, at_once)


async def _serve(client: Client, tasks: Mapping[str, TaskHandle], at_once: int) -> None:
    places = asyncio.Semaphore(at_once)
    following: set[asyncio.Task[None]] = set()
    try:
        async for text in client:
            await client.while_here(places.acquire())
            job = asyncio.create_task(_follow(client, tasks, text))
            following.add(job)
            job.add_done_callback(following.discard)
            job.add_done_callback(lambda _: places.release())
    finally:
        for job in following:
            job.cancel()
        await asyncio.gather(*following, return_exceptions=True)


async def _follow(client: Client, tasks: Mapping[str, TaskHandle], text: str | bytes) -> None:
    with suppress(ClientLeft):
        request: dict[str, Any] = {}
        try:
            request = _request(text)
            task = tasks.get(request["task"])
            if task is None:
                raise _Malformed(f"there is no task {request['task']!r} here; the tasks: {', '.join(sorted(tasks))}")
            run = await task.start(request["inputs"], idempotency_key=request["idempotency_key"])
            await stream_run(client, run, id=request["id"])
        except (_Malformed, FlyteRuntimeError) as error:
            if isinstance(error, ClientLeft):
                raise
            problems = getattr(error, "problems", None)
            answer = {"id": request.get("id"), "error": str(error)}
            await client.send(answer if problems is None else {**answer, "problems": problems})


class _Malformed(Exception):
    """A request is malformed. The text says why."""


def _request(text: str | bytes) -> dict[str, Any]:
    """Return the request in a message, with all its fields. Raises _Malformed."""
    try:
        message = json.loads(text)
    except (ValueError, RecursionError):
        message = None
    if not isinstance(message, dict):
        msg = 'a request is a JSON object, such as {"task": "train", "inputs": {}}'
        raise _Malformed(msg)
    request = {"id": None, "inputs": {}, "idempotency_key": None, **message}
    if not isinstance(request.get("task"), str):
        raise _Malformed("'task' must be the name of a task")
    if not isinstance(request["inputs"], dict):
        raise _Malformed("'inputs' must be an object: the task's inputs by name")
    try:
        Payload.of({"id": request["id"]})
    except InvalidMessage as error:
        # Check it now: otherwise the run would have started before the answer fails.
        msg = f"'id' cannot be sent back: {error}"
        raise _Malformed(msg) from None
    if not isinstance(request["idempotency_key"], (str, type(None))):
        raise _Malformed("'idempotency_key' must be text")
    return request
