"""Sends the updates of a run to a client."""

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
    """Send the current state of a run and every change as JSON, until the run has ended or the client has left.

    Return the last update, or None if the client left before it.


        {"run": "r1", "url": "http://…", "phase": "running", "attempt": 1, "done": false,
         "started_at": "2026-01-31T12:00:00+00:00", "ended_at": null, "error": ""}

    - `fields` are added to each message.
    - The run goes on if the client leaves.
    - A WebSocket is accepted first, if the handler has not done so, and closed with 1000 at the end. Its messages are
      read and ignored.
    - A `Client` of a room or of `attend` stays open, and the handler reads its messages.

    Raises a TaskError if the run cannot be watched.
    """
    sent: list[RunUpdate] = []
    if isinstance(ws, Client):
        try:
            await ws.while_here(_send_updates(ws, run, fields, sent))
        except ClientLeft as left:
            if left.client is not ws:
                raise
    else:
        async with attend(ws) as client:
            ignoring = asyncio.create_task(_ignore(client))
            try:
                await client.while_here(_send_updates(client, run, fields, sent))
            finally:
                ignoring.cancel()
    # The client may leave right after the last update, which then counts as sent.
    return sent[-1] if sent and sent[-1].done else None


def message_of(update: RunUpdate, url: str) -> dict[str, Any]:
    """Return an update as the JSON object for clients."""
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


async def _send_updates(client: Client, run: Run, fields: dict[str, Any], sent: list[RunUpdate]) -> None:
    async for update in run.watch():
        await client.send({**fields, **message_of(update, run.url)})
        sent[:] = [update]


async def _ignore(client: Client) -> None:
    """Read and drop the messages of the client. Without reading, nobody would notice that it leaves."""
    async for _ in client:
        pass


def _text(timestamp: datetime | None) -> str | None:
    return None if timestamp is None else timestamp.isoformat()
