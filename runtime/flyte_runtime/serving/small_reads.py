"""uvicorn's HTTP protocol, reading little at once and waiting for no head for ever. `rt.serve` uses it.

asyncio and uvloop read up to 256 KiB from a socket at once, and uvicorn hands all of it to the application in one
piece: an application that bounds what it reads (`rt.webhooks`) would notice as late as that. A protocol that brings its
own buffer decides how much is read (asyncio.BufferedProtocol).

uvicorn closes a connection that stays idle after an answer. One that has asked for nothing yet, and one whose next
request's head never ends, it keeps for ever: clients that send a byte now and then would take all there are.
"""

from __future__ import annotations

import asyncio
import time
from typing import Any

from flyte_runtime.serving.uvicorn_internals import FastestHttp, HttpConnection

__all__ = ["AT_MOST", "SmallReads"]

# Bytes that are read at once, and that wait for an application which fetches nothing. Twice that, 64 KiB, is how far a
# server may have read beyond a limit of the application's: the piece that goes over it, and what has come since.
AT_MOST = 32 * 1024


class SmallReads(asyncio.BufferedProtocol):
    """One connection. `parser` is uvicorn's protocol for it, which does all the rest.

    It is a wrapper and no subclass, since uvloop gives no buffer to what is an asyncio.Protocol as well.
    """

    parser: Any = FastestHttp

    def __init__(self, **options: Any) -> None:
        self._connection = HttpConnection(self.parser(**options))
        self._http = self._connection.protocol
        self._buffer = bytearray()
        self._last: object | None = None  # the last request whose head has come
        self._head_in_time: asyncio.TimerHandle | None = None
        self._head_begun = False
        self._idle_since: float | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._http.connection_made(transport)
        self._await_head()

    def get_buffer(self, sizehint: int) -> bytearray:
        # At least one byte: while a second request waits for the first one's answer, uvicorn may read on.
        self._buffer = bytearray(max(1, AT_MOST - self._connection.unfetched_bytes()))
        return self._buffer

    def buffer_updated(self, nbytes: int) -> None:
        before, self._idle_since = self._connection.last_request(), None
        self._http.data_received(bytes(memoryview(self._buffer)[:nbytes]))
        self._head_begun = self._connection.is_answered() and self._connection.last_request() is before
        self._await_head()
        if self._connection.unfetched_bytes() >= AT_MOST and not self._connection.transport.is_closing():
            self._connection.pause_reading()  # until the application fetches it

    def close_if_idle(self, rest: float) -> None:
        """Close the connection after `rest` idle seconds. The time counts from the first of several calls that sees it
        idle: with no request under way, none that has begun to come, and nothing unread."""
        if not self._connection.is_answered() or self._head_begun or self._connection.has_unread():
            self._idle_since = None
            return
        now = time.monotonic()
        self._idle_since = now if self._idle_since is None else self._idle_since
        if now - self._idle_since >= rest:
            self._connection.transport.close()

    def _await_head(self) -> None:
        """For as long as an idle connection is kept, from its beginning or from what came first after an answer."""
        request, transport = self._connection.last_request(), self._connection.transport
        idle = request is self._last and self._connection.is_answered()
        if transport.is_closing() or transport.get_protocol() is not self or not idle:  # another one: a WebSocket's
            self._head_has_come()
        elif self._head_in_time is None:
            self._head_in_time = self._connection.call_later(self._connection.keep_alive, transport.close)
        self._last = request

    def _head_has_come(self) -> None:
        if self._head_in_time is not None:
            self._head_in_time.cancel()
            self._head_in_time = None

    def eof_received(self) -> None:
        self._http.eof_received()

    def pause_writing(self) -> None:
        self._http.pause_writing()

    def resume_writing(self) -> None:
        self._http.resume_writing()

    def connection_lost(self, exc: Exception | None) -> None:
        self._head_has_come()
        self._http.connection_lost(exc)
