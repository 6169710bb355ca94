"""uvicorn behind small reads: everything that it does without them, piece by piece."""

from __future__ import annotations

import asyncio
import hashlib
import itertools
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import httpx
import pytest
from fastapi import FastAPI, Request, WebSocket
from flyte_runtime.serving.small_reads import AT_MOST
from flyte_runtime.serving.websocket_protocol import Protocol
from websockets.asyncio.client import connect

from tests.runtime.serving.parsers import small_reads


def application() -> FastAPI:
    app = FastAPI()

    @app.post("/digest")
    async def digest(request: Request) -> dict[str, Any]:
        pieces = [piece async for piece in request.stream()]
        return {"digest": hashlib.sha256(b"".join(pieces)).hexdigest(), "largest": max(map(len, pieces))}

    @app.post("/slow")
    async def slow(request: Request) -> dict[str, Any]:
        """Fetch nothing for a while, so that the first bytes of the body wait."""
        await asyncio.sleep(0.3)
        pieces = [piece async for piece in request.stream()]
        return {"size": sum(map(len, pieces)), "largest": max(map(len, pieces))}

    @app.post("/unread")
    async def unread() -> str:
        return "not looked at"

    @app.get("/large")
    async def large() -> str:
        return "x" * 3_000_000

    @app.websocket("/echo")
    async def echo(ws: WebSocket) -> None:
        await ws.accept()
        while True:
            await ws.send_bytes(await ws.receive_bytes())

    return app


@pytest.fixture(params=list(itertools.product(("h11", "httptools"), ("asyncio", "uvloop"))), ids="-".join)
def below(request: pytest.FixtureRequest) -> dict[str, Any]:
    http, loop = request.param
    pytest.importorskip(loop)
    return {"http": small_reads(http), "loop": loop, "ws": Protocol}


@pytest.fixture
def url(below: dict[str, Any], serve: Callable[..., str]) -> str:
    return serve(application(), **below)


def test_large_bodies_arrive_whole_and_in_small_pieces(url: str) -> None:
    body = bytes(range(256)) * 8_000
    with httpx.Client(base_url=url) as client:
        for content in (body, iter([body[:70_000], body[70_000:]])):
            answer = client.post("/digest", content=content).json()
            assert answer["digest"] == hashlib.sha256(body).hexdigest()
            assert answer["largest"] <= AT_MOST
        assert client.post("/slow", content=body).json() == {"size": len(body), "largest": AT_MOST}
        assert len(client.get("/large").text) > 3_000_000


def test_a_body_that_nobody_reads_does_not_stop_its_connection(url: str) -> None:
    with httpx.Client(base_url=url) as client:
        for _ in range(3):
            assert client.post("/unread", content=b"x" * 500_000).json() == "not looked at"


def test_requests_in_one_go_are_answered_in_order(url: str) -> None:
    body = b"y" * 100_000
    one = b"POST /%s HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n%s\r\n" + body
    with socket.create_connection((httpx.URL(url).host, httpx.URL(url).port or 0)) as connection:
        connection.settimeout(30)
        connection.sendall(one % (b"slow", b"") + one % (b"digest", b"Connection: close\r\n"))
        answers = b""
        while more := connection.recv(65536):
            answers += more
    first, second = answers.index(b'{"size":100000'), answers.index(hashlib.sha256(body).hexdigest().encode())
    assert first < second


async def test_websockets_take_over(url: str) -> None:
    async with connect(f"{url.replace('http', 'ws', 1)}/echo", proxy=None) as ws:
        for size in (1, 200_000):
            await ws.send(b"z" * size)
            assert await ws.recv() == b"z" * size


@pytest.fixture
def keeping(below: dict[str, Any], serve: Callable[..., str]) -> Callable[[float], str]:
    """`keeping(seconds)` starts a server that keeps idle connections for so long. It returns the URL."""
    return lambda seconds: serve(application(), timeout_keep_alive=seconds, **below)


@pytest.mark.parametrize("answered", [False, True], ids=["first", "second"])
@pytest.mark.parametrize("begun", [b"", b"GET /x", b"GET / HTTP/1.1\r\nHost: x\r\nX: x"], ids=["none", "line", "head"])
def test_a_head_that_never_ends_is_not_waited_for(
    keeping: Callable[[float], str], answered: bool, begun: bytes
) -> None:
    url = httpx.URL(keeping(0.2))
    with socket.create_connection((url.host, url.port or 0)) as connection, suppress(ConnectionError):
        if answered:
            connection.sendall(b"POST /unread HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n")
            while (more := connection.recv(65536)) and not more.endswith(b'"not looked at"'):
                pass
        connection.sendall(begun)
        connection.settimeout(0.02)
        until = time.monotonic() + 30
        while True:
            assert time.monotonic() < until, "a byte now and then keeps the connection open"
            connection.sendall(begun[-1:])
            with suppress(TimeoutError):
                assert connection.recv(65536) == b""
                break


def test_a_request_whose_head_has_come_takes_as_long_as_it_likes(keeping: Callable[[float], str]) -> None:
    url = httpx.URL(keeping(1))
    with socket.create_connection((url.host, url.port or 0)) as connection:
        connection.settimeout(30)
        connection.sendall(b"POST /slow HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nConnection: close\r\n\r\nx")
        time.sleep(1.2)
        connection.sendall(b"y")
        answer = b""
        while more := connection.recv(65536):
            answer += more
    assert b'{"size":2,' in answer


async def test_a_websocket_is_no_idle_connection(keeping: Callable[[float], str]) -> None:
    async with connect(f"{keeping(1).replace('http', 'ws', 1)}/echo", proxy=None) as ws:
        await asyncio.sleep(1.2)
        await ws.send(b"z")
        assert await ws.recv() == b"z"


def test_without_httptools_it_is_h11() -> None:
    code = """
import sys
sys.modules["uvicorn.protocols.http.httptools_impl"] = None
from flyte_runtime.serving.small_reads import SmallReads
print(SmallReads.parser.__name__)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "H11Protocol\n"
