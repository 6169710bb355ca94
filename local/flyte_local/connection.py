"""One client's connection: whose it is, and how long the head of a request on it may be.

Both are decided once a connection rather than once a request: what a connection's peer is does not change, while its
port may be another user's the moment it is closed.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from flyte_local.asgi import Receive, Scope, Send, respond_error
from flyte_local.daemon import SHARED_VARIABLE
from flyte_local.peers import Address

MAX_HEAD = 64 * 1024
_REFUSAL = (
    "this flyte-local serves only the user who started it: start one of your own on another port, or ask that user to "
    "start it with --allow-other-users"
)
_TOO_LONG = f"the head of a request may have at most {MAX_HEAD} bytes"


def connections(may_use: Callable[[Address, Address], bool] | None) -> type[HttpToolsProtocol]:
    """Uvicorn's protocol for connections of those who may use the server; None: of everybody."""
    return type("Connection", (_Connection,), {"may_use": staticmethod(may_use) if may_use else None})


class _Connection(HttpToolsProtocol):
    may_use: Callable[[Address, Address], bool] | None = None
    _head = 0
    _pending = 0
    _in_head = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        if self.may_use is not None and not (self.client and self.server and self.may_use(self.client, self.server)):
            self.app = _refuse
            # No upgrade either: a WebSocket's request is answered as any other.
            self.ws_protocol_class = None

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        # A header is counted below once it is complete: one without an end would be collected for ever.
        self._pending = self._pending + len(data) if self._in_head else 0
        if self._pending > MAX_HEAD and not self.transport.is_closing():
            self._head = self._pending
            self.send_400_response(_TOO_LONG)

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._head, self._in_head = 0, True

    def on_url(self, url: bytes) -> None:
        super().on_url(url)
        self._count(len(url))

    def on_header(self, name: bytes, value: bytes) -> None:
        # Trailers too. Four for the colon, the space and the line's end.
        super().on_header(name, value)
        self._count(len(name) + len(value) + 4)

    def on_headers_complete(self) -> None:
        self._in_head = False
        super().on_headers_complete()

    def send_400_response(self, msg: str) -> None:
        super().send_400_response(_TOO_LONG if self._head > MAX_HEAD else msg)

    def _count(self, size: int) -> None:
        self._head += size
        if self._head > MAX_HEAD:
            # The parser stops, and the answer is a 400.
            raise ValueError(_TOO_LONG)


def is_shared() -> bool:
    """Whether whoever starts a server here means it for every user of the machine."""
    return os.environ.get(SHARED_VARIABLE) == "1"


async def _refuse(scope: Scope, receive: Receive, send: Send) -> Any:
    await respond_error(send, 403, _REFUSAL, [(b"connection", b"close")])
