"""uvicorn's HTTP protocol with two limits: on the bytes of one read, and on the time for the head of a request.

asyncio and uvloop read up to 256 KiB from a socket at once, and uvicorn passes all of it to the application in one
piece. An application that limits the size of a body (`rt.webhooks`) would notice a large body only after that. An
asyncio.BufferedProtocol has its own buffer, so it decides how much is read.

uvicorn closes a connection that stays idle after an answer. But it has no time limit for a connection that
has not sent a request yet, or that does not complete the head of its next request. Slow clients could use up all
connections.
"""

from __future__ import annotations

import asyncio
import time
from typing import Any

from flyte_runtime.serving.uvicorn_internals import FastestHttp, HttpConnection

__all__ = ["AT_MOST", "SmallReads"]

# The most bytes of one read, and the most bytes that wait for the application. So the server reads at most 64 KiB more
# than a limit of the application: the piece that exceeds the limit, and one that came after it.
AT_MOST = 32 * 1024


class SmallReads(asyncio.BufferedProtocol):
    """One HTTP connection. It wraps `parser`, which is uvicorn's protocol.

    It is not a subclass, because uvloop does not use the buffer of a class that is also an asyncio.Protocol.
    """

    parser: Any = FastestHttp

    def __init__(self, **options: Any) -> None:
        self._connection = HttpConnection(self.parser(**options))
        self._http = self._connection.protocol
        self._buffer = bytearray()
        self._last: object | None = None  # the last request whose head has arrived
        self._head_timer: asyncio.TimerHandle | None = None
        self._head_begun = False
        self._idle_since: float | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._http.connection_made(transport)
        self._await_head()

    def get_buffer(self, sizehint: int) -> bytearray:
        # At least one byte, because uvicorn may read on while a second request waits for the answer to the first one.
        self._buffer = bytearray(max(1, AT_MOST - self._connection.unfetched_bytes()))
        return self._buffer

    def buffer_updated(self, nbytes: int) -> None:
        request_before, self._idle_since = self._connection.last_request(), None
        self._http.data_received(bytes(memoryview(self._buffer)[:nbytes]))
        self._head_begun = self._connection.is_answered() and self._connection.last_request() is request_before
        self._await_head()
        if self._connection.unfetched_bytes() >= AT_MOST and not self._connection.transport.is_closing():
            self._connection.pause_reading()  # until the application fetches it

    def close_if_idle(self, seconds: float) -> None:
        """Close the connection if it has been idle for `seconds`, counted from the first call that sees it idle.

        A connection is idle if it has no request under way, no partial head and no unread bytes.
        """
        if not self._connection.is_answered() or self._head_begun or self._connection.has_unread():
            self._idle_since = None
            return
        now = time.monotonic()
        self._idle_since = now if self._idle_since is None else self._idle_since
        if now - self._idle_since >= seconds:
            self._connection.transport.close()

    def _await_head(self) -> None:
        """Start the time limit for the next head: the seconds that an idle connection is kept."""
        request, transport = self._connection.last_request(), self._connection.transport
        idle = request is self._last and self._connection.is_answered()
        # A WebSocket has another protocol.
        if transport.is_closing() or transport.get_protocol() is not self or not idle:
            self._stop_head_timer()
        elif self._head_timer is None:
            self._head_timer = self._connection.call_later(self._connection.keep_alive, transport.close)
        self._last = request

    def _stop_head_timer(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def eof_received(self) -> None:
        self._http.eof_received()

    def pause_writing(self) -> None:
        self._http.pause_writing()

    def resume_writing(self) -> None:
        self._http.resume_writing()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_head_timer()
        self._http.connection_lost(exc)
