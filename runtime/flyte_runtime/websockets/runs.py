"""A run's updates to a client, until the run has ended or the client has left."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Any

from flyte_runtime.errors import ClientLeft
from flyte_runtime.tasks.run import Run
from flyte_runtime.tasks.updates import RunUpdate
from flyte_runtime.websockets.connection import Client, attend
from flyte_runtime.websockets.socket import ServerSocket

__all__ = ["message_of", "stream_run"]


async def stream_run(ws: ServerSocket | Client, run: Run, **fields: Any) -> RunUpdate | None:
    """Send every state of the run as JSON, the present one first; the last update, or None where the client left.

        {"run": "r1", "url": "http://…", "phase": "running", "attempt": 1, "done": false,
         "started_at": "2026-01-31T12:00:00+00:00", "ended_at": null, "error": ""}

    `fields` are sent with each. A client that leaves ends the watching, and the run goes on. A WebSocket is accepted
    before, if it was not, and closed after, with 1000; what it sends is read and ignored. A `Client` of a room or of
    `attend` stays open, and its messages are the handler's. Raises a TaskError where the run cannot be watched.
    """
    told: list[RunUpdate] = []
    if isinstance(ws, Client):
        try:
            await ws.while_here(_tell(ws, run, fields, told))
        except ClientLeft as left:
            if left.client is not ws:
                raise
    else:
        async with attend(ws) as client:
            ignoring = asyncio.create_task(_ignore(client))
            try:
                await client.while_here(_tell(client, run, fields, told))
            finally:
                ignoring.cancel()
    # A client that leaves when it has been told of the end has been told all.
    return told[-1] if told and told[-1].done else None


def message_of(update: RunUpdate, url: str) -> dict[str, Any]:
    """An update as the JSON that clients get."""
    return {
        "run": update.name,
        "url": url,
        "phase": update.phase,
        "attempt": update.attempt,
        "done": update.done,
        "started_at": _text(update.started_at),
        "ended_at": _text(update.ended_at),
        "error": update.error,
    }


async def _tell(client: Client, run: Run, fields: dict[str, Any], told: list[RunUpdate]) -> None:
    async for update in run.watch():
        await client.send({**fields, **message_of(update, run.url)})
        told[:] = [update]


async def _ignore(client: Client) -> None:
    """Nothing of the client is read otherwise, not even that it leaves."""
    async for _ in client:
        pass


def _text(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()
