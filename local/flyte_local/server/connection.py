"""One client's connection: whose it is, and how long the head of a request on it may be.

Both are decided once a connection rather than once a request: what a connection's peer is does not change, while its
port may be another user's the moment it is closed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import httptools

from flyte_local.proxy.quick_path import Ask, QuickPath
from flyte_local.server.peers import Address
from flyte_local.web.asgi import Receive, Scope, Send, respond_error
from flyte_local.web.upgrade import NextProtocol, put_offer
from flyte_local.web.uvicorn_internals import HttpConnection

MAX_HEAD = 64 * 1024
_REFUSAL = (
    "this flyte-local serves only the user who started it: start one of your own on another port, or ask that user to "
    "start it with --allow-other-users"
)
_TOO_LONG = f"the head of a request may have at most {MAX_HEAD} bytes"


def connections(may_use: Callable[[Address, Address], bool] | None, ask: Ask) -> type[HttpConnection]:
    """Uvicorn's protocol for connections of those who may use the server; None: of everybody."""
    members = {"may_use": staticmethod(may_use) if may_use else None, "ask": staticmethod(ask)}
    return type("Connection", (_Connection,), members)


class _Connection(QuickPath):
    may_use: Callable[[Address, Address], bool] | None = None
    _head = 0
    _pending = 0
    _in_head = False
    _offered = False
    # What came after a request for a WebSocket, until somebody takes it.
    _early: bytes | None = None
    _next: NextProtocol | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        ends = self.ends()
        if self.may_use is not None and not (ends and self.may_use(*ends)):
            self.serve_with(_refuse)
            self.ask = None

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
            if self._offered:
                self._early = data[upgrade.args[0] :]
        except httptools.HttpParserError:
            self.reject(_TOO_LONG if self._head > MAX_HEAD else "Invalid HTTP request received.")
            return
        self.take_usual_way()
        # A header is counted below once it is complete: one without an end would be collected for ever.
        self._pending = self._pending + len(data) if self._in_head else 0
        if self._pending > MAX_HEAD and not self.transport.is_closing():
            self.reject(_TOO_LONG)

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
        self._offered = self.asks_for_websocket()
        if self._offered:
            put_offer(self.request_scope(), self._switch)
        super().on_headers_complete()
        if self._offered:
            # What follows is in another protocol, or in none.
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
        # For uvicorn the exchange is over: there is no more to say in HTTP.
        self.leave_http()
        self._next = protocol
        protocol.connection_made(self.transport)
        self.transport.write(head)
        self.resume_reading()
        if self._early:
            protocol.data_received(self._early)
        return True

    def _count(self, size: int) -> None:
        self._head += size
        if self._head > MAX_HEAD:
            # The parser stops, and the answer is a 400.
            raise ValueError(_TOO_LONG)


async def _refuse(scope: Scope, receive: Receive, send: Send) -> Any:
    await respond_error(send, 403, _REFUSAL, [(b"connection", b"close")])
