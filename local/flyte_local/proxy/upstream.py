"""The proxy's side towards the apps: HTTP/1.1 connections that are kept and used again.

A request to an app costs the proxy little more than what it takes to pass bytes on, which no general client reaches:
one object a connection, no task and no timer of its own, and a response that arrived in one piece is handed on as one.
The parser is llhttp (httptools), as in uvicorn, so both sides of the proxy read HTTP alike.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Callable

import httptools
from flyte_runtime.errors import reason_of

from flyte_local.processes.ports import LOOPBACK
from flyte_local.web.asgi import Header

CONNECT_SECONDS = 5.0
# Below the five seconds after which uvicorn and many other servers close an idle connection.
KEPT_SECONDS = 4.0
_HIGH_WATER = 256 * 1024
_MAX_HEAD = 1 << 20
_SWITCHED = 101
_HIGHEST = 599


class BrokenOff(ConnectionError):
    """The app closed the connection, or sent what is not HTTP, before its response was complete."""


class NotListening(Exception):
    """The app accepts no connection: nothing of the request has been sent and the client has had no answer."""


class Connection(asyncio.Protocol):
    """One connection, one exchange at a time: `send` → `write`* → `head` → `read`* until `complete`.

    `status` and `headers` (names in lower case, as ASGI has them) are there after `head`; `touched` says whether any
    byte of a response has come. Whatever ends the connection early is raised by the call that waits: BrokenOff, or
    what `fail` was given. `heard`, where it is set, is called whenever something has changed.

    An app may answer before it has read the request, and close. Writing then fails, and the event loop lets go of its
    socket although the answer may be there already. So the connection has a descriptor of its own to read the rest by.

    An exchange that offers an upgrade may be answered with 101 (RFC 9110 §7.8): then `hand_over` follows `head`.
    """

    def __init__(self, port: int) -> None:
        self.port = port
        self.kept_since = 0.0
        self._parser = httptools.HttpResponseParser(self)
        self._transport: asyncio.Transport | None = None
        self._descriptor: int | None = None
        self._error: Exception | None = None
        self._closed = False
        self._writable: asyncio.Future[None] | None = None
        self._reading_paused = False
        self.heard: Callable[[], None] | None = None
        self._begin(only_head=False, may_upgrade=False)
        self.complete = True  # Nothing is asked yet.

    def _begin(self, *, only_head: bool, may_upgrade: bool) -> None:
        self.status = 0
        self.headers: list[Header] = []
        self.complete = False
        self.touched = False
        self._only_head = only_head
        self._may_upgrade = may_upgrade
        self._has_head = False
        self._delimited = False
        self._keep_alive = False
        self._head_bytes = 0
        self._chunks: list[bytes] = []
        self._buffered = 0
        self._waiter: asyncio.Future[None] | None = None

    def send(self, request: bytes, *, only_head: bool, may_upgrade: bool = False) -> None:
        """Begins an exchange with the request's head and what there is of its body; `only_head`: it is a HEAD."""
        self._begin(only_head=only_head, may_upgrade=may_upgrade)
        if self._transport is not None:
            self._transport.write(request)

    async def write(self, data: bytes) -> None:
        """More of the request's body, at the pace of the app."""
        if self._closed or self._transport is None:
            raise self._error or BrokenOff("the connection is closed")
        self._transport.write(data)
        if self._writable is not None:
            await self._writable

    async def head(self) -> None:
        """Returns once the response's head is there."""
        while not self._has_head:
            await self._change()

    async def read(self) -> bytes:
        """What has come of the body since; waits for something. Empty only where the response is `complete`."""
        while not self._chunks and not self.complete:
            await self._change()
        return self.taken()

    def taken(self) -> bytes:
        """What has come of the body since, without waiting."""
        chunks = self._chunks
        if not chunks:
            return b""
        data = chunks[0] if len(chunks) == 1 else b"".join(chunks)
        self._chunks = []
        self._buffered = 0
        if self._reading_paused and self._transport is not None:
            self._reading_paused = False
            self._transport.resume_reading()
        return data

    def hand_over(self, protocol: asyncio.Protocol) -> bytes:
        """Gives the connection to who speaks the protocol that it was switched to; returns what has come in it."""
        transport = self._transport
        assert transport is not None
        first = self.taken()
        self._close_descriptor()
        transport.set_protocol(protocol)
        protocol.connection_made(transport)
        if self._closed:
            protocol.connection_lost(None)
        self._closed = True
        self._transport = None
        return first

    def fail(self, error: Exception) -> None:
        """Closes the connection; whoever waits gets the error."""
        if self._error is None:
            self._error = error
        self._closed = True
        if self._transport is not None:
            self._transport.abort()
        self._notify()

    @property
    def reusable(self) -> bool:
        """Whether another exchange may follow the complete one."""
        return self.complete and self._keep_alive and not self._closed and not self._chunks

    @property
    def closed(self) -> bool:
        """Whether it has ended."""
        return self._closed

    async def _change(self) -> None:
        if self._closed:
            raise self._error or BrokenOff("the connection was closed")
        self._waiter = asyncio.get_running_loop().create_future()
        try:
            await self._waiter
        finally:
            self._waiter = None

    def _notify(self) -> None:
        waiter = self._waiter
        if waiter is not None and not waiter.done():
            waiter.set_result(None)
        if self.heard is not None:
            self.heard()
        if self._closed and self._writable is not None and not self._writable.done():
            self._writable.set_result(None)

    # asyncio's protocol

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Called by the event loop."""
        self._transport = transport  # type: ignore[assignment]
        self._descriptor = os.dup(transport.get_extra_info("socket").fileno())

    def data_received(self, data: bytes) -> None:
        """Called by the event loop."""
        self._receive(data)
        if self._buffered > _HIGH_WATER and not self._reading_paused and self._transport is not None:
            self._reading_paused = True
            self._transport.pause_reading()
        self._notify()

    def _receive(self, data: bytes) -> None:
        if self.status == _SWITCHED:
            self.on_body(data)
            return
        if self.complete or self._closed:
            # An idle connection has nothing to say: what comes now belongs to no request.
            self.fail(BrokenOff("the app sent more than its response"))
            return
        self.touched = True
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade) as error:
            if self.status == _SWITCHED and isinstance(error, httptools.HttpParserUpgrade):
                rest = data[error.args[0] :]
                if rest:
                    self.on_body(rest)
            elif not self.complete or self.status == _SWITCHED:
                self.fail(BrokenOff(f"the app's answer is not HTTP: {error}"))
                return
            self._keep_alive = False
        if self._only_head and self.complete:
            # The parser expects the body that the head announced.
            self._parser = httptools.HttpResponseParser(self)

    def connection_lost(self, exc: Exception | None) -> None:
        """Called by the event loop."""
        if exc is not None and self._error is None:
            self._receive_rest()
        self._close_descriptor()
        self._closed = True
        if self._has_head and not self.complete and not self._delimited and self._error is None:
            # A body without a length ends with its connection (RFC 9112 §6.3). An app that closes with a part of the
            # request unread resets it.
            self.complete = True
        elif self._error is None:
            self._error = BrokenOff(reason_of(exc) if exc else "the app closed the connection")
        self._notify()

    def _receive_rest(self) -> None:
        """Reads what came before the connection ended. That is in the socket's buffer, so it is bounded."""
        with contextlib.suppress(OSError):
            while not self.complete and self._descriptor is not None:
                data = os.read(self._descriptor, _HIGH_WATER)
                if not data:
                    return
                self._receive(data)

    def _close_descriptor(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def pause_writing(self) -> None:
        """Called by the event loop."""
        self._writable = asyncio.get_running_loop().create_future()

    def resume_writing(self) -> None:
        """Called by the event loop."""
        writable, self._writable = self._writable, None
        if writable is not None and not writable.done():
            writable.set_result(None)

    # httptools' callbacks

    def on_header(self, name: bytes, value: bytes) -> None:
        """Called by the parser."""
        self._head_bytes += len(name) + len(value)
        if self._head_bytes > _MAX_HEAD:
            raise ValueError("the head is too long")
        if self._has_head:
            return  # A trailer.
        name = name.lower()
        if name == b"content-length" or (name == b"transfer-encoding" and b"chunked" in value.lower()):
            self._delimited = True
        self.headers.append((name, value))

    def on_headers_complete(self) -> None:
        """Called by the parser."""
        status = self._parser.get_status_code()
        if status < 200 and not (status == _SWITCHED and self._may_upgrade):
            # An interim response (RFC 9110 §15.2): the one that counts is still to come.
            self.headers = []
            return
        if status > _HIGHEST:
            # The parser takes any three digits and turns this into one of its errors; RFC 9110 §15 has five classes.
            msg = f"there is no status {status}"
            raise ValueError(msg)
        self.status = status
        self._has_head = True
        self._keep_alive = self._parser.should_keep_alive()
        if self._only_head:
            self.complete = True

    def on_body(self, data: bytes) -> None:
        """Called by the parser."""
        self._chunks.append(data)
        self._buffered += len(data)

    def on_message_complete(self) -> None:
        """Called by the parser."""
        if self._has_head:
            self.complete = True


class Upstream:
    """Connections to the apps' ports. Ports of ended processes need no care: their connections end with them."""

    def __init__(self) -> None:
        self._kept: dict[int, list[Connection]] = {}
        self._sweep: asyncio.TimerHandle | None = None

    def kept(self, port: int) -> Connection | None:
        """A connection that was used before, None where there is none."""
        found = self._kept.get(port)
        now = asyncio.get_running_loop().time()
        while found:
            connection = found.pop()
            if not connection.closed and now - connection.kept_since < KEPT_SECONDS:
                return connection
            connection.fail(BrokenOff("kept too long"))
        return None

    async def connect(self, port: int) -> Connection:
        """A new one. Raises NotListening where nothing listens, or nobody answers within five seconds."""
        loop = asyncio.get_running_loop()
        opening = loop.create_connection(lambda: Connection(port), LOOPBACK, port)
        try:
            _, connection = await asyncio.wait_for(opening, CONNECT_SECONDS)
        except asyncio.TimeoutError:
            raise NotListening(f"no connection within {CONNECT_SECONDS:g} s") from None
        except OSError as error:
            raise NotListening(error.strerror or reason_of(error)) from error
        return connection

    def keep(self, connection: Connection) -> None:
        """Takes a connection back; one that cannot be used again is closed."""
        if not connection.reusable:
            connection.fail(BrokenOff("not to be used again"))
            return
        loop = asyncio.get_running_loop()
        connection.kept_since = loop.time()
        self._kept.setdefault(connection.port, []).append(connection)
        if self._sweep is None:
            self._sweep = loop.call_later(KEPT_SECONDS, self._drop_old)

    def close(self) -> None:
        """Closes all that are kept."""
        if self._sweep is not None:
            self._sweep.cancel()
            self._sweep = None
        for found in self._kept.values():
            for connection in found:
                with contextlib.suppress(Exception):
                    connection.fail(BrokenOff("the server ends"))
        self._kept.clear()

    def _drop_old(self) -> None:
        loop = asyncio.get_running_loop()
        for port, found in list(self._kept.items()):
            fresh = [c for c in found if not c.closed and loop.time() - c.kept_since < KEPT_SECONDS]
            for connection in set(found) - set(fresh):
                connection.fail(BrokenOff("kept too long"))
            if fresh:
                self._kept[port] = fresh
            else:
                del self._kept[port]
        self._sweep = loop.call_later(KEPT_SECONDS, self._drop_old) if self._kept else None
