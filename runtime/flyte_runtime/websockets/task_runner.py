"""Runs for a WebSocket client: it names a task and gives inputs, and gets the run's updates."""

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
    """Serve a client until it leaves; its runs go on. It may name only `tasks`, by alias or by the mapping's keys.

        → {"id": 1, "task": "train", "inputs": {"epochs": 3}, "idempotency_key": "order-7"}
        ← {"id": 1, "run": "r1", "url": "http://…", "phase": "queued", …}      and so on, as `stream_run` sends it
        ← {"id": 2, "error": "…", "problems": {"epochs": "…"}}                  where nothing was started

    `id` is the client's own and comes back as it is; it and `idempotency_key` may be left out. At most `at_once` runs
    are followed for one client: more requests wait, and in the end what it sends is not read until one has ended.
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
                raise _Malformed(f"there is no task {request['task']!r} here; there are: {', '.join(sorted(tasks))}")
            run = await task.start(request["inputs"], idempotency_key=request["idempotency_key"])
            await stream_run(client, run, id=request["id"])
        except (_Malformed, FlyteRuntimeError) as error:
            if isinstance(error, ClientLeft):
                raise
            problems = getattr(error, "problems", None)
            answer = {"id": request.get("id"), "error": str(error)}
            await client.send(answer if problems is None else {**answer, "problems": problems})


class _Malformed(Exception):
    """The request is none; the text says why."""


def _request(text: str | bytes) -> dict[str, Any]:
    """A request with all its fields, each of its type."""
    try:
        given = json.loads(text)
    except (ValueError, RecursionError):
        given = None
    if not isinstance(given, dict):
        msg = 'a request is a JSON object, such as {"task": "train", "inputs": {}}'
        raise _Malformed(msg)
    request = {"id": None, "inputs": {}, "idempotency_key": None, **given}
    if not isinstance(request.get("task"), str):
        raise _Malformed("'task' must be the name of a task")
    if not isinstance(request["inputs"], dict):
        raise _Malformed("'inputs' must be an object: the task's inputs by name")
    try:
        Payload.of({"id": request["id"]})
    except InvalidMessage as error:
        # Its answer could not be sent, and by then its run would have started.
        msg = f"'id' is not to be answered with: {error}"
        raise _Malformed(msg) from None
    if not isinstance(request["idempotency_key"], (str, type(None))):
        raise _Malformed("'idempotency_key' must be text")
    return request
