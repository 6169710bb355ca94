"""Kept connections while a server ends: no request on them is lost."""

from __future__ import annotations

import asyncio
import signal
import socket
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
import uvicorn
from flyte_runtime.serving.small_reads import SmallReads
from flyte_runtime.serving.uvicorn_internals import SignalledServer

from tests.runtime.serving.parsers import small_reads

# The fixture `start` is test_serve.py's.
from tests.runtime.serving.test_serve import APPLICATION, Start
from tests.runtime.serving.test_serve import start as start
from tests.runtime.websockets.conftest import until

REQUEST = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"


def answer(connection: socket.socket, ending: bytes = b"}") -> bytes:
    """Read an answer up to its last bytes."""
    connection.settimeout(60)
    text = b""
    while not text.endswith(ending):
        more = connection.recv(65536)
        assert more, f"closed after {text!r}"
        text += more
    return text


async def application(scope: Any, receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": b"{}"})


@asynccontextmanager
async def connected(http: type[SmallReads]) -> AsyncIterator[tuple[socket.socket, SmallReads]]:
    """A client's connection that has had one answer, and the server's side of it, in this event loop."""
    server = SignalledServer(uvicorn.Config(application, http=http, lifespan="off", log_level="error"))  # type: ignore[arg-type]
    with socket.create_server(("127.0.0.1", 0)) as listener:
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        with socket.create_connection(listener.getsockname()) as client:
            client.sendall(REQUEST)
            await asyncio.to_thread(answer, client)
            (protocol,) = server.protocols()
            assert isinstance(protocol, SmallReads)
            yield client, protocol
        server.should_exit = True
        await serving


@pytest.mark.parametrize("parser", ["h11", "httptools"])
async def test_a_connection_with_an_unread_request_is_not_idle(parser: str) -> None:
    async with connected(small_reads(parser)) as (client, connection):
        client.sendall(REQUEST)  # and the event loop gets no turn to read it
        connection.close_if_idle(0)
        assert b"200 OK" in await asyncio.to_thread(answer, client)
        connection.close_if_idle(0)
        assert await asyncio.to_thread(client.recv, 1) == b""


@pytest.mark.parametrize("parser", ["h11", "httptools"])
async def test_a_connection_with_a_part_of_a_head_is_not_idle(parser: str) -> None:
    async with connected(small_reads(parser)) as (client, connection):
        client.sendall(REQUEST[:20])
        await until(lambda: connection._head_begun)
        connection.close_if_idle(0)
        client.sendall(REQUEST[20:])
        assert b"200 OK" in await asyncio.to_thread(answer, client)


async def test_idle_time_counts_from_the_last_request() -> None:
    async with connected(small_reads("h11")) as (client, connection):
        connection.close_if_idle(60)
        client.sendall(REQUEST)
        await asyncio.to_thread(answer, client)
        assert connection._idle_since is None
        connection.close_if_idle(60)
        connection.close_if_idle(0)
        assert await asyncio.to_thread(client.recv, 1) == b""


STREAM = (
    APPLICATION
    + """
from starlette.responses import StreamingResponse

@app.get("/stream")
async def stream():
    async def pieces():
        yield b"begun"
        await asyncio.sleep(2)
        yield b"done"
    return StreamingResponse(pieces())
"""
)


def test_a_connection_whose_answer_had_begun_before_the_signal_takes_one_more_request(
    start: Start, free_port: int
) -> None:
    """That answer could not tell its client to connect anew, and the client may send its next request at once."""
    process = start("backend:app", "--port", str(free_port), code=STREAM, FLYTE_DRAIN_DELAY="1")
    process.until_it_answers(f"http://127.0.0.1:{free_port}/healthz")
    with (
        socket.create_connection(("127.0.0.1", free_port)) as streaming,
        socket.create_connection(("127.0.0.1", free_port)) as idle,
    ):
        streaming.sendall(REQUEST.replace(b"/ ", b"/stream ", 1))
        answer(streaming, b"begun\r\n")
        process.process.send_signal(signal.SIGTERM)
        answer(streaming, b"0\r\n\r\n")
        streaming.sendall(REQUEST)
        assert b"connection: close" in answer(streaming).lower()
        idle.settimeout(60)
        assert idle.recv(1) == b""
    assert process.wait()[0] == 0


def test_without_a_wiring_the_variable_makes_the_server_take_requests_after_the_signal(
    start: Start, free_port: int
) -> None:
    process = start("backend:app", "--port", str(free_port), FLYTE_DRAIN_DELAY="3")
    process.until_it_answers(f"http://127.0.0.1:{free_port}/healthz")
    process.process.send_signal(signal.SIGTERM)
    ended = time.monotonic() + 2
    while time.monotonic() < ended:
        with socket.create_connection(("127.0.0.1", free_port)) as connection:
            connection.sendall(REQUEST)
            assert b"200 OK" in answer(connection)
        time.sleep(0.05)  # nobody reads its log
    assert process.wait()[0] == 0


def test_requests_are_taken_for_as_long_as_they_come(start: Start, free_port: int) -> None:
    """The only pod of an app, evicted, serves until its successor does."""
    process = start("backend:app", "--port", str(free_port), FLYTE_DRAIN_DELAY="1")
    process.until_it_answers(f"http://127.0.0.1:{free_port}/healthz")
    process.process.send_signal(signal.SIGTERM)
    ended = time.monotonic() + 4
    while time.monotonic() < ended:
        with socket.create_connection(("127.0.0.1", free_port)) as connection:
            connection.sendall(REQUEST)
            assert b"200 OK" in answer(connection)
        time.sleep(0.05)  # nobody reads its log
    assert process.wait()[0] == 0
