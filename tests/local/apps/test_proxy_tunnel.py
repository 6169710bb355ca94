"""WebSockets whose sides end without a word, early frames, and pings that are the app's own."""

from __future__ import annotations

import base64
import contextlib
import os
import socket
from collections.abc import AsyncIterator, Iterator

import aiohttp
import pytest
from flyte_local import daemon
from websockets.frames import Frame, Opcode

from .conftest import ASGI, DOMAIN, PROJECT, Plane, until


@pytest.fixture(scope="module", autouse=True)
def _app(plane: Plane) -> None:
    plane.up("echo", ASGI)


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=60)) as made:
        yield made


@contextlib.contextmanager
def handshake(plane: Plane, more: bytes = b"") -> Iterator[socket.socket]:
    key = base64.b64encode(os.urandom(16)).decode()
    head = (
        f"GET /apps/{PROJECT}/{DOMAIN}/echo/ws HTTP/1.1\r\nHost: 127.0.0.1:{plane.port}\r\nConnection: Upgrade\r\n"
        f"Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", plane.port), timeout=60) as made:
        made.sendall(head.encode() + more)
        yield made


def received(connection: socket.socket, end: bytes) -> bytes:
    data = b""
    while not data.endswith(end):
        piece = connection.recv(65536)
        assert piece, f"the connection ended after {data!r}"
        data += piece
    return data


def test_a_frame_that_comes_with_the_handshake_is_not_lost(plane: Plane) -> None:
    early = Frame(Opcode.TEXT, b"early").serialize(mask=True)
    with handshake(plane, early) as connection:
        answer = received(connection, b"echo early")
    assert answer.startswith(b"HTTP/1.1 101 ")


def test_the_apps_server_answers_pings(plane: Plane) -> None:
    with handshake(plane) as connection:
        received(connection, b"\r\n\r\n")
        connection.sendall(Frame(Opcode.PING, b"are you there").serialize(mask=True))
        assert received(connection, b"are you there") == Frame(Opcode.PONG, b"are you there").serialize(mask=False)


async def test_an_app_that_ends_is_going_away(plane: Plane, session: aiohttp.ClientSession) -> None:
    async with session.ws_connect(plane.endpoint("echo") + "/ws") as websocket:
        await websocket.send_str("vanish")
        message = await websocket.receive()
        assert (message.type, message.data) == (aiohttp.WSMsgType.CLOSE, 1001)
    until(lambda: "exited" in [e["event"] for e in plane.events("echo")])
    plane.wait("echo")


def test_a_client_that_ends_is_going_away(plane: Plane) -> None:
    with handshake(plane) as connection:
        received(connection, b"\r\n\r\n")
    until(lambda: any("websocket ended with 1001" in line for line in plane.log("echo")))


async def test_a_server_that_ends_says_so(own_plane: Plane, session: aiohttp.ClientSession) -> None:
    own_plane.up("echo", ASGI)
    async with session.ws_connect(own_plane.endpoint("echo") + "/ws") as websocket:
        daemon.request(own_plane.port, "POST", "/local/v1/stop")
        message = await websocket.receive()
        assert (message.type, message.data) == (aiohttp.WSMsgType.CLOSE, 1012)


async def test_a_request_for_a_websocket_elsewhere_is_a_request(plane: Plane, session: aiohttp.ClientSession) -> None:
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        await session.ws_connect(f"{plane.url}/nowhere")
    assert refused.value.status == 404
