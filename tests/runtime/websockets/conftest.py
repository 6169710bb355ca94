"""A FastAPI application with rooms behind a real uvicorn, clients of the `websockets` library, and bare sockets."""

from __future__ import annotations

import asyncio
import base64
import os
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any
from urllib.parse import urlsplit

import pytest
from fastapi import FastAPI, WebSocket
from flyte_runtime.serving.websocket_protocol import Protocol
from flyte_runtime.websockets import Rooms
from websockets.asyncio.client import connect

from tests.runtime.conftest import serving


def chat(rooms: Rooms) -> FastAPI:
    """Return an app in which `/chat/{name}` broadcasts messages and `/count/{name}` counts the clients of a room."""
    app = FastAPI()

    @app.websocket("/chat/{name}")
    async def room(ws: WebSocket, name: str) -> None:
        async with rooms.join(ws, name) as client:
            async for message in client:
                await rooms[name].broadcast(message, except_=client)

    @app.get("/count/{name}")
    async def count(name: str) -> int:
        return len(rooms[name])

    return app


@pytest.fixture
def serve() -> Iterator[Callable[..., str]]:
    """`serve(application)` gives its ws:// URL, as `rt.serve` would serve it; it is stopped after the test."""
    with ExitStack() as stack:

        def start(application: Any, **options: Any) -> str:
            url = stack.enter_context(serving(application, **{"ws": Protocol, **options}))
            return url.replace("http", "ws", 1)

        yield start


def joined(url: str, **options: Any) -> connect:
    """Return a client that keeps every message it is sent."""
    return connect(url, **{"proxy": None, "max_queue": None, "compression": None, **options})


class Deaf:
    """A client that shakes hands and then reads nothing, with as little room for what it is sent as there can be."""

    def __init__(self, url: str, **headers: str) -> None:
        at = urlsplit(url)
        self.socket = socket.socket()
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self.socket.settimeout(30)
        self.socket.connect((at.hostname, at.port))
        key = base64.b64encode(os.urandom(16)).decode()
        lines = [f"GET {at.path} HTTP/1.1", f"Host: {at.netloc}", "Upgrade: websocket", "Connection: Upgrade"]
        lines += [f"Sec-WebSocket-Key: {key}", "Sec-WebSocket-Version: 13", *(f"{k}: {v}" for k, v in headers.items())]
        self.socket.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
        head = b""
        while b"\r\n\r\n" not in head:
            head += self.socket.recv(1)
        assert head.startswith(b"HTTP/1.1 101"), head

    def __enter__(self) -> Deaf:
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def closing_frame(self) -> tuple[int, str]:
        """Read all frames up to the closing frame. Return its code and reason."""
        while True:
            first, second = self._read(2)
            length = second & 127
            if length > 125:
                length = int.from_bytes(self._read(2 if length == 126 else 8), "big")
            payload = self._read(length)
            if first & 15 == 8:
                return int.from_bytes(payload[:2], "big"), payload[2:].decode()

    def _read(self, size: int) -> bytes:
        """Return as many bytes from the socket. Fails if the connection is closed before."""
        received = bytearray()
        while len(received) < size:
            more = self.socket.recv(min(65536, size - len(received)))
            assert more, "the connection was closed without a closing frame"
            received += more
        return bytes(received)


async def until(condition: Callable[[], object], seconds: float = 90) -> None:
    """Wait until the condition is true."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"the condition was not true within {seconds:g} s"
        await asyncio.sleep(0.01)
