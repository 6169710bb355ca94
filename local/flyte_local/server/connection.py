"""A client's connection: it checks the client's user and limits the head of each request.

The client is checked once for each connection, and not for each request: the peer of a connection does not change,
but its port may belong to another user as soon as the connection is closed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Any

import httptools
from starlette.types import Receive, Scope, Send

from flyte_local.server.peers import Address
from flyte_local.web.asgi import respond_error
from flyte_local.web.upgrade import NextProtocol, put_offer
from flyte_local.web.uvicorn_internals import HttpConnection

MAX_HEAD = 64 * 1024
_REFUSAL = (
    "this flyte-local serves only the user who started it: start one of your own on another port, or ask that user to "
    "start it with --allow-other-users"
)
_TOO_LONG = f"the head of a request may have at most {MAX_HEAD} bytes"


MayUse = Callable[[Address, Address], bool]
"""Decides whether the peer of a connection may use the server, from the addresses of the peer and of the server."""


def connections(may_use: MayUse | None) -> Callable[..., asyncio.Protocol]:
    """Return the protocol that uvicorn makes for each connection. Without `may_use`, every peer may use the server."""
    return partial(_Connection, may_use)


class _Connection(HttpConnection):
    def __init__(self, may_use: MayUse | None, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._may_use = may_use
        self._head_size = 0
        self._pending_size = 0
        self._in_head = False
        self._is_handshake = False
        # The bytes that followed a handshake, until the tunnel takes them.
        self._early: bytes | None = None
        self._next: NextProtocol | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        ends = self.ends()
        if self._may_use is not None and not (ends and self._may_use(*ends)):
            self.serve_with(_refuse)

    def data_received(self, data: bytes) -> None:
        if self._next is not None:
            self._next.data_received(data)
            return
        self.stop_idle_timer()
        if self._early is not None:
            self._early += data
            if len(self._early) > MAX_HEAD:
                self.pause_reading()
            return
        try:
            self.parse(data)
        except httptools.HttpParserUpgrade as upgrade:
            if self._is_handshake:
                self._early = data[upgrade.args[0] :]
        except httptools.HttpParserError:
            self.reject(_TOO_LONG if self._head_size > MAX_HEAD else "Invalid HTTP request received.")
            return
        # `_count` sees a header once it is complete. A header without an end would be collected for ever.
        self._pending_size = self._pending_size + len(data) if self._in_head else 0
        if self._pending_size > MAX_HEAD and not self.transport.is_closing():
            self.reject(_TOO_LONG)

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._head_size, self._in_head = 0, True

    def on_url(self, url: bytes) -> None:
        super().on_url(url)
        self._count(len(url))

    def on_header(self, name: bytes, value: bytes) -> None:
        # Trailers count as well. Four bytes are the colon, the space and the end of the line.
        super().on_header(name, value)
        self._count(len(name) + len(value) + 4)

    def on_headers_complete(self) -> None:
        self._in_head = False
        self._is_handshake = self.asks_for_websocket()
        if self._is_handshake:
            put_offer(self.request_scope(), self._switch)
        super().on_headers_complete()
        if self._is_handshake:
            # No further HTTP request can follow on this connection.
            self.close_after_response()

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        if self._next is not None:
            self._next.connection_lost(exc)

    def pause_writing(self) -> None:
        super().pause_writing()
        if self._next is not None:
            self._next.pause_writing()

    def resume_writing(self) -> None:
        super().resume_writing()
        if self._next is not None:
            self._next.resume_writing()

    def shutdown(self) -> None:
        if self._next is not None:
            self._next.shutdown()
        else:
            super().shutdown()

    def _switch(self, head: bytes, protocol: NextProtocol) -> bool:
        if self.transport.is_closing():
            return False
        # For uvicorn, the exchange is over.
        self.leave_http()
        self._next = protocol
        protocol.connection_made(self.transport)
        self.transport.write(head)
        self.resume_reading()
        if self._early:
            protocol.data_received(self._early)
        return True

    def _count(self, size: int) -> None:
        self._head_size += size
        if self._head_size > MAX_HEAD:
            # The parser stops, and the answer is a 400.
            raise ValueError(_TOO_LONG)


async def _refuse(scope: Scope, receive: Receive, send: Send) -> Any:
    await respond_error(send, 403, _REFUSAL, [(b"connection", b"close")])
