"""Requests to an ASGI application without a server: any bytes as headers, any pieces as body, and its exceptions."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from tests.runtime.webhooks.senders import Sent


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[bytes, bytes]
    body: bytes

    @property
    def detail(self) -> Any:
        return json.loads(self.body)["detail"]


class Door:
    """Sends requests to an application. `taken` counts the bytes of bodies that the application has read."""

    def __init__(self, app: Any, path: str = "/hook") -> None:
        self._app = app
        self._path = path
        self.taken = 0

    async def send(
        self, sent: Sent, *, pieces: Iterable[bytes] | None = None, client: str = "192.0.2.1", path: str | None = None
    ) -> Answer:
        """Send a request and return the answer.

        `pieces` are sent one by one in place of the body, and may have no end. After the last one the sender leaves.
        """
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": "POST",
            "scheme": "http",
            "path": path or self._path,
            "raw_path": (path or self._path).encode(),
            "root_path": "",
            "query_string": b"",
            "headers": list(sent.headers),
            "client": (client, 50000),
            "server": ("test", 80),
        }
        rest = iter([sent.body] if pieces is None else pieces)
        messages: list[Any] = []

        async def receive() -> Any:
            piece = next(rest, None)
            if piece is None:
                return {"type": "http.disconnect"}
            self.taken += len(piece)
            return {"type": "http.request", "body": piece, "more_body": pieces is not None}

        async def send(message: Any) -> None:
            messages.append(message)

        await self._app(scope, receive, send)
        start = messages[0]
        body = b"".join(message.get("body", b"") for message in messages[1:])
        return Answer(start["status"], {name.lower(): value for name, value in start["headers"]}, body)
