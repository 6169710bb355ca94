"""The body of a client's request on its way to an app."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket

from aiohttp.abc import AbstractStreamWriter
from aiohttp.payload import Payload
from starlette.types import Receive, Scope

from flyte_local.web.asgi import header

SMALL = 64 * 1024


class ClientLeft(Exception):
    """The client has closed its connection and reads no answer."""


class BodyTimeout(Exception):
    """The client did not send its body in time."""


class RequestBody:
    """The body of one request, which several attempts to reach an app share.

    A body that arrived with the head is `whole` and can be sent again. Any other body is passed on piece by piece.
    """

    def __init__(self, scope: Scope, receive: Receive) -> None:
        self._receive = receive
        length = header(scope, b"content-length")
        self._chunked = length is None and header(scope, b"transfer-encoding") is not None
        self._length = int(length) if length is not None and not self._chunked else 0
        self.whole: bytes | None = None if self._chunked or self._length else b""
        self._pieces: asyncio.Queue[bytes] = asyncio.Queue(maxsize=1)
        self._reader: asyncio.Task[None] | None = None

    async def begin(self, limit: float) -> None:
        """Wait for the first piece of a short body, which is usually all of it, `limit` seconds at most.

        Raises ClientLeft and BodyTimeout.
        """
        if self._reader is not None:
            return
        first = b""
        if self.whole is None and not self._chunked and self._length <= SMALL:
            try:
                first, more = await asyncio.wait_for(self._next_piece(), limit)
            except asyncio.TimeoutError:
                raise BodyTimeout from None
            if not more:
                self.whole = first
        self._reader = asyncio.create_task(self._read(first))

    @property
    def client_left(self) -> asyncio.Task[None]:
        """A task that ends when the client has left."""
        assert self._reader is not None
        return self._reader

    def payload(self) -> bytes | Payload | None:
        """Return the body as aiohttp's client takes it."""
        if self.whole is not None:
            return self.whole or None
        return _PiecewisePayload(self._pieces, None if self._chunked else self._length)

    def end(self) -> None:
        """Read no more from the client."""
        if self._reader is not None:
            self._reader.cancel()

    async def _read(self, first: bytes) -> None:
        """Hand over the pieces of a body that is not whole, then wait until the client leaves."""
        with contextlib.suppress(ClientLeft):
            if self.whole is None:
                if first:
                    await self._pieces.put(first)
                more = True
                while more:
                    piece, more = await self._next_piece()
                    if piece:
                        await self._pieces.put(piece)
                await self._pieces.put(b"")
            while True:
                await self._next_piece()

    async def _next_piece(self) -> tuple[bytes, bool]:
        message = await self._receive()
        if message["type"] == "http.disconnect":
            raise ClientLeft
        return bytes(message.get("body", b"")), bool(message.get("more_body"))


class _PiecewisePayload(Payload):
    """A body that goes to the app as it arrives.

    An app may answer and close its connection before it has read the request. If aiohttp wrote the body, the first
    failed write would end its connection, and an answer that is already in the socket's buffer would be lost. The body
    is therefore written through a second descriptor of the same socket: a write that fails there leaves aiohttp's
    reading side alone. This can go when aiohttp reads on after a failed write; there is no upstream issue for that yet.
    """

    def __init__(self, pieces: asyncio.Queue[bytes], length: int | None) -> None:
        super().__init__(b"")
        self._length = length
        self._pieces = pieces

    @property
    def size(self) -> int | None:
        """The length of the body in bytes; None if it is sent in chunks."""
        return self._length

    def decode(self, encoding: str = "utf-8", errors: str = "strict") -> str:
        """Raise TypeError: the body is not in memory."""
        raise TypeError("a body that is passed on cannot be decoded")

    async def write(self, writer: AbstractStreamWriter) -> None:
        """Write the pieces, and wait until aiohttp has read the answer and cancels this."""
        writer.send_headers()
        transport = writer.transport
        if transport is None:
            return
        with socket.socket(fileno=os.dup(transport.get_extra_info("socket").fileno())) as connection:
            connection.setblocking(False)
            while transport.get_write_buffer_size() and not transport.is_closing():  # noqa: ASYNC110
                await asyncio.sleep(0.001)
            with contextlib.suppress(OSError):  # the app closed the connection: its answer may be on the way
                await self._write_pieces(connection)
            await asyncio.Event().wait()

    async def _write_pieces(self, connection: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        while piece := await self._pieces.get():
            framed = piece if self._length is not None else b"%x\r\n%b\r\n" % (len(piece), piece)
            await loop.sock_sendall(connection, framed)
        if self._length is None:
            await loop.sock_sendall(connection, b"0\r\n\r\n")
