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
    """`/chat/{name}` tells everybody else what one says; `/count/{name}` says how many are in a room."""
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
    """A client that keeps every message it is sent."""
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
        """Read all after all: the code and reason of the closing frame at the end."""
        data = b""
        while more := self.socket.recv(65536):
            data += more
        while data:
            opcode, length, at = data[0] & 15, data[1] & 127, 2
            if length > 125:
                at = 4 if length == 126 else 10
                length = int.from_bytes(data[2:at], "big")
            if opcode == 8:
                return int.from_bytes(data[at : at + 2], "big"), data[at + 2 : at + length].decode()
            data = data[at + length :]
        return 0, "no closing frame"


async def until(condition: Callable[[], object], seconds: float = 90) -> None:
    """Wait until it holds."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "what was waited for did not happen"
        await asyncio.sleep(0.01)
