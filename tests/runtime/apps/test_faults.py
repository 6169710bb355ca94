"""Servers that fail: what is tried again, how often, and what is never sent twice."""

from __future__ import annotations

import asyncio
import random
import select
import socket
import struct
import sys
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime
from typing import Any

import flyte_runtime as rt
import pytest
from flyte_runtime import testing
from flyte_runtime.errors import CallFailed, CallTimedOut
from flyte_runtime.testing import wired

from tests.runtime.websockets.conftest import until

Wire = Any  # conftest.Wire
pytestmark = pytest.mark.usefixtures("closed_pool")

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


def status(code: int, *headers: str) -> bytes:
    extra = "".join(f"{header}\r\n" for header in headers)
    return f"HTTP/1.1 {code} X\r\n{extra}Content-Length: 0\r\n\r\n".encode()


def reset(connection: socket.socket) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def hang_up(connection: socket.socket) -> None:
    connection.close()


def half(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this")
    connection.close()


def nonsense(connection: socket.socket) -> None:
    connection.sendall(b"\x00\x01\x02 what?\r\n\r\n")
    connection.close()


@pytest.fixture(autouse=True)
def _no_sleeps() -> Iterator[None]:
    testing.set_testing()
    yield
    testing.set_testing(False)


@pytest.mark.parametrize("code", [429, 502, 503, 504])
async def test_a_refusal_for_now_is_tried_again(wire: Callable[..., Wire], code: int) -> None:
    server = wire(status(code), status(code), OK)
    with wired({"a": server.url}):
        assert (await rt.app("a").get("/")).text == "ok"
    assert len(server.requests) == 3


@pytest.mark.parametrize("code", [400, 401, 404, 408, 409, 500, 501])
async def test_other_statuses_are_answers(wire: Callable[..., Wire], code: int) -> None:
    server = wire(status(code), OK)
    with wired({"a": server.url}):
        assert (await rt.app("a").get("/")).status_code == code
    assert len(server.requests) == 1


@pytest.mark.parametrize("failure", [reset, hang_up, half])
async def test_a_lost_connection_is_tried_again(wire: Callable[..., Wire], failure: Any) -> None:
    server = wire(failure, OK)
    with wired({"a": server.url}):
        assert (await rt.app("a").get("/")).text == "ok"
    assert len(server.requests) == 2


async def test_an_answer_may_have_lines_of_64_kib(wire: Callable[..., Wire]) -> None:
    server = wire(status(200, "X-Long: " + "a" * 65_000))
    with wired({"a": server.url}):
        assert len((await rt.app("a").get("/")).headers["x-long"]) == 65_000


@pytest.mark.parametrize(
    "answer",
    [nonsense, status(200, "X-Long: " + "a" * 70_000), status(200, "X\x00: 1")],
    ids=["no status line", "a line of 70,000", "no header"],
)
async def test_an_answer_that_is_not_http_would_be_none_the_next_time(wire: Callable[..., Wire], answer: Any) -> None:
    server = wire(answer, OK)
    with wired({"a": server.url}), pytest.raises(CallFailed, match=r"failed: its answer cannot be read as HTTP: \w"):
        await rt.app("a").get("/")
    assert len(server.requests) == 1


@pytest.mark.parametrize("failure", [reset, hang_up, half, nonsense, status(503)])
async def test_a_post_is_never_sent_twice(wire: Callable[..., Wire], failure: Any) -> None:
    server = wire(failure, OK)
    with wired({"a": server.url}):
        if isinstance(failure, bytes):
            assert (await rt.app("a").post("/", json={})).status_code == 503
        else:
            with pytest.raises(CallFailed) as caught:
                await rt.app("a").post("/", json={})
            assert caught.value.attempts == 1
            assert caught.value.__cause__ is not None
    assert len(server.requests) == 1


@pytest.mark.parametrize("failure", [reset, hang_up, status(503)])
async def test_a_keyed_post_is_tried_again_with_the_same_key_and_body(wire: Callable[..., Wire], failure: Any) -> None:
    server = wire(failure, OK)
    with wired({"a": server.url}):
        assert (await rt.app("a").post("/", json={"n": 1}, idempotency_key="d-1")).text == "ok"
    assert len(server.requests) == 2
    for request in server.requests:
        assert b"idempotency-key: d-1" in request.lower()
        assert request.endswith(b'{"n":1}')


@pytest.mark.skipif(not hasattr(select, "POLLRDHUP"), reason="the kernel does not say")
async def test_a_post_does_not_go_out_on_a_connection_that_the_app_has_closed(wire: Callable[..., Wire]) -> None:
    """The event loop has had no turn yet in which it could read the end of the stream."""
    answered, closed = threading.Event(), threading.Event()

    def answer_and_close(connection: socket.socket) -> None:
        connection.sendall(OK)
        answered.wait(60)
        answered.clear()
        connection.close()
        closed.set()

    server = wire(*[answer_and_close] * 3, OK)
    with wired({"a": server.url}):
        for _ in range(3):
            closed.clear()
            assert (await rt.app("a").post("/", retries=0)).text == "ok"
            answered.set()
            assert closed.wait(60)  # it blocks the event loop, which is what the test needs
        assert (await rt.app("a").post("/", retries=0)).text == "ok"
    assert len(server.requests) == 4


async def test_every_attempt_is_a_span_of_its_own(wire: Callable[..., Wire]) -> None:
    server = wire(status(503), OK)
    with wired({"a": server.url}):
        await rt.app("a").get("/")
    parents = {
        line for request in server.requests for line in request.split(b"\r\n") if line.startswith(b"traceparent")
    }
    assert len(parents) == 2


async def test_a_body_that_cannot_be_sent_again_is_not(wire: Callable[..., Wire]) -> None:
    server = wire(status(503), OK)

    async def produce() -> Any:
        yield b"x"

    with wired({"a": server.url}):
        assert (await rt.app("a").put("/", content=produce(), headers={"content-length": "1"})).status_code == 503
    assert len(server.requests) == 1


async def test_a_connection_that_never_stood_is_tried_again_for_a_post_too(free_port: int) -> None:
    async def serve_later() -> asyncio.Server:
        await asyncio.sleep(0.2)

        async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(OK)
            await writer.drain()
            writer.close()

        return await asyncio.start_server(handle, "127.0.0.1", free_port)

    testing.set_testing(False)
    with wired({"a": f"http://127.0.0.1:{free_port}"}):
        later = asyncio.create_task(serve_later())
        response = await rt.app("a").post("/", retries=8)
        assert response.text == "ok"
        (await later).close()


@pytest.mark.parametrize("files", [True, False])
async def test_a_body_in_pieces_that_was_not_begun_is_sent_with_a_later_attempt(free_port: int, files: bool) -> None:
    async def produce() -> AsyncIterator[bytes]:
        yield b"x"

    body: dict[str, Any] = {"files": {"f": b"x"}} if files else {"content": produce()}
    with wired({"a": f"http://127.0.0.1:{free_port}"}), pytest.raises(CallFailed) as caught:
        await rt.app("a").post("/", **body)
    assert caught.value.attempts == 4


async def test_nobody_listening_is_one_clear_error(free_port: int) -> None:
    with wired({"a": f"http://127.0.0.1:{free_port}"}), pytest.raises(CallFailed) as caught:
        await rt.app("a").get("/x")
    assert f"GET http://127.0.0.1:{free_port}/x (app 'a') failed after 4 attempts" in str(caught.value)


async def test_an_error_shows_no_query(free_port: int) -> None:
    with wired({"a": f"http://127.0.0.1:{free_port}"}), pytest.raises(CallFailed) as caught:
        await rt.app("a").get("/x", params={"token": "pr1vate"}, retries=0)
    assert "pr1vate" not in str(caught.value)


async def test_retry_after_is_honoured(wire: Callable[..., Wire]) -> None:
    testing.set_testing(False)
    server = wire(status(503, "Retry-After: 1"), OK)
    loop = asyncio.get_running_loop()
    started = loop.time()
    with wired({"a": server.url}):
        assert (await rt.app("a").get("/")).status_code == 200
    assert loop.time() - started >= 1


async def test_a_retry_after_that_is_a_date_is_honoured(wire: Callable[..., Wire]) -> None:
    testing.set_testing(False)
    at = datetime.now(timezone.utc) + timedelta(seconds=3)
    server = wire(status(429, f"Retry-After: {format_datetime(at, usegmt=True)}"), OK)
    with wired({"a": server.url}):
        assert (await rt.app("a").get("/")).status_code == 200
    assert datetime.now(timezone.utc) >= at.replace(microsecond=0)


@pytest.mark.parametrize("failure", [reset, half])
async def test_a_stream_that_breaks_is_this_librarys_error(wire: Callable[..., Wire], failure: Any) -> None:
    def begin_and_fail(connection: socket.socket) -> None:
        if failure is reset:
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n")
        failure(connection)

    server = wire(begin_and_fail)
    with wired({"a": server.url}), pytest.raises(CallFailed, match=r"GET .*failed") as caught:
        async with rt.app("a").stream("GET", "/", retries=0) as response:
            await response.aread()
    assert caught.value.alias == "a"


async def test_a_stream_that_falls_silent_is_timed_out(wire: Callable[..., Wire]) -> None:
    release = threading.Event()

    def begin_and_wait(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nsome")
        release.wait(30)

    server = wire(begin_and_wait)
    with wired({"a": server.url}), pytest.raises(CallTimedOut):
        async with rt.app("a").stream("GET", "/", timeout=0.5) as response:
            await response.aread()
    release.set()


async def test_a_stream_whose_chunks_cannot_be_read_is_timed_out(wire: Callable[..., Wire]) -> None:
    def begin_and_babble(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nsome\r\n")
        time.sleep(0.2)
        connection.sendall(b"what?\r\n")

    server = wire(begin_and_babble)
    with wired({"a": server.url}):
        async with rt.app("a").stream("GET", "/", timeout=0.7) as response:
            with pytest.raises(CallFailed):
                await asyncio.wait_for(response.aread(), 60)


async def test_a_retry_after_beyond_the_deadline_ends_it_at_once(wire: Callable[..., Wire]) -> None:
    server = wire(status(503, "Retry-After: 3600"), OK)
    with wired({"a": server.url}):
        assert (await rt.app("a").get("/", timeout=5)).status_code == 503
    assert len(server.requests) == 1


async def test_the_last_answer_is_given_when_all_attempts_are_refused(wire: Callable[..., Wire]) -> None:
    server = wire(*[status(503)] * 9)
    with wired({"a": server.url}):
        assert (await rt.app("a").get("/", retries=2)).status_code == 503
    assert len(server.requests) == 3


async def test_a_server_that_says_nothing(wire: Callable[..., Wire]) -> None:
    release = threading.Event()
    server = wire(lambda connection: release.wait(60))
    with wired({"a": server.url}), pytest.raises(CallTimedOut):
        await rt.app("a").post("/", timeout=0.3)
    release.set()


class Flaky:
    """An ASGI application that fails a fixed share of its requests, chosen by a seeded generator."""

    def __init__(self, failing: float, seed: int = 7) -> None:
        self._draw = random.Random(seed).random
        self.failing = failing
        self.received = 0

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            while True:
                message = await receive()
                await send({"type": message["type"] + ".complete"})
                if message["type"] == "lifespan.shutdown":
                    return
        self.received += 1
        code = 503 if self._draw() < self.failing else 200
        await send({"type": "http.response.start", "status": code, "headers": [(b"content-length", b"0")]})
        await send({"type": "http.response.body", "body": b""})


async def storm(serve: Callable[..., str], failing: float, count: int) -> tuple[int, int]:
    """Return how many requests arrived, and how many calls succeeded."""
    server = Flaky(failing)
    succeeded = 0
    with wired({"a": serve(server)}):
        handle = rt.app("a")

        async def work() -> None:
            nonlocal succeeded
            for _ in range(count // 10):
                response = await handle.get("/")
                succeeded += response.status_code == 200

        await asyncio.gather(*(work() for _ in range(10)))
    return server.received, succeeded


async def test_a_storm_is_not_made_worse(serve: Callable[..., str]) -> None:
    sent, succeeded = await storm(serve, failing=0.5, count=1500)
    assert sent / 1500 <= 1.2
    assert succeeded / (sent * 0.5) >= 0.9  # nearly all that so many requests can bring


class Faulty:
    """An HTTP server in the test's event loop. Of 100 requests, 10 get a 503 and one a reset, some within the answer.

    `received` counts all requests, `refused` those with a 503, and `resets` those whose connection was reset.
    """

    def __init__(self, seed: int = 7) -> None:
        self._random = random.Random(seed)
        self.received = self.refused = self.resets = 0

    @asynccontextmanager
    async def running(self) -> AsyncIterator[str]:
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        async with server:
            yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
            server.close()
            await rt.aclose()  # the connections that it waits for

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                await reader.readuntil(b"\r\n\r\n")
                self.received += 1
                drawn = self._random.random()
                if drawn < 0.01:
                    self.resets += 1
                    writer.get_extra_info("socket").setsockopt(
                        socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)
                    )
                    if drawn < 0.005:
                        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhal")
                    writer.transport.abort()
                    return
                self.refused += drawn < 0.11
                writer.write(status(503) if drawn < 0.11 else OK)
        writer.close()


async def test_ten_percent_of_503_and_one_of_resets_are_hidden() -> None:
    count, width, faulty, succeeded = 5000, 25, Faulty(), 0
    async with faulty.running() as url:
        with wired({"a": url}):
            handle, left = rt.app("a"), iter(range(count))

            async def work() -> None:
                nonlocal succeeded
                for number in left:
                    method = ("GET", "PUT", "DELETE", "OPTIONS")[number % 4]
                    with suppress(CallFailed):
                        response = await handle.request(method, "/")
                        succeeded += response.status_code == 200

            await asyncio.gather(*(work() for _ in range(width)))
    assert faulty.resets / faulty.received == pytest.approx(0.01, abs=0.005)
    assert faulty.refused / faulty.received == pytest.approx(0.10, abs=0.015)
    assert succeeded / count >= 0.999
    assert faulty.received / count <= 1.2


_CANCELLING = pytest.mark.skipif(sys.version_info < (3, 11), reason="cannot tell who cancelled")


@pytest.mark.parametrize("width", [1, pytest.param(130, marks=_CANCELLING)])
async def test_calls_whose_pool_is_closed_end_or_go_on(width: int) -> None:
    """This holds for calls that wait for a place in the pool, too. A pool has 100 places for a host."""
    received, answered = 0, asyncio.Event()

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal received
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            await reader.readuntil(b"\r\n\r\n")
            received += 1
            await answered.wait()
            writer.write(OK)
            await writer.drain()
        writer.close()

    async with await asyncio.start_server(handle, "127.0.0.1", 0) as server:
        with wired({"a": f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"}):
            handles = [rt.AppHandle("a") for _ in range(width)]  # each with a budget of its own
            calls = [asyncio.create_task(handle.get("/", timeout=60)) for handle in handles]
            post = asyncio.create_task(rt.app("a").post("/", retries=0, timeout=60)) if width == 1 else None
            under_way = 2 if width == 1 else 100
            await until(lambda: received == under_way)
            await rt.aclose()
            answered.set()
            assert {response.text for response in await asyncio.gather(*calls)} == {"ok"}
            if post is not None:
                with pytest.raises(CallFailed):
                    await post
            await rt.aclose()


async def test_a_host_that_cannot_be_looked_up_any_more_is_this_librarys_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """The interpreter is ending, and cannot start a thread for the look-up."""

    async def no_thread(*_: Any, **__: Any) -> None:
        raise RuntimeError("cannot schedule new futures after shutdown")

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", no_thread)
    with wired({"a": "http://no-such-host.invalid"}), pytest.raises(CallFailed, match="cannot schedule new futures"):
        await rt.app("a").get("/", retries=0)
