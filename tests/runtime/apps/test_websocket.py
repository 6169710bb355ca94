"""`rt.app(alias).websocket(path)` against real servers that close, refuse, restart and vanish."""

from __future__ import annotations

import asyncio
import json
import math
import re
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from typing import Any

import flyte_runtime as rt
import pytest
from fastapi import FastAPI, WebSocket
from flyte_runtime import testing
from flyte_runtime.apps.reconnect import is_final, pause_before
from flyte_runtime.contract import AppInput
from flyte_runtime.errors import CallFailed, CallTimedOut, InvalidCall, InvalidMessage, SocketClosed, SocketRefused
from websockets.asyncio.server import ServerConnection
from websockets.asyncio.server import serve as websockets_serve
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus
from websockets.http11 import Request
from websockets.protocol import State

from tests.runtime.conftest import Wire, serving
from tests.runtime.websockets.conftest import until

Serve = Callable[..., str]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """`serve(application)` gives its URL; it is stopped after the test."""
    with ExitStack() as stack:
        yield lambda application, **options: stack.enter_context(serving(application, **options))


@pytest.fixture(autouse=True)
def _without_pauses() -> Iterator[None]:
    testing.set_testing()
    yield
    testing.set_testing(False)


class Feed:
    """An app whose `/feed` sends the numbers after the first message, `{"after": n}`, up to `last`.

    After `cut` numbers it closes the connection with `code`.
    """

    def __init__(self, cut: int = 10, code: int = 1012, last: int = 50) -> None:
        self.app = FastAPI()
        self.connections = 0
        self.requests: list[Any] = []
        self.headers: list[dict[str, str]] = []

        @self.app.websocket("/feed")
        async def feed(ws: WebSocket) -> None:
            self.headers.append(dict(ws.headers))
            await ws.accept()
            self.connections += 1
            request = await ws.receive_json()
            self.requests.append(request)
            first = request["after"] + 1
            for number in range(first, min(first + cut, last + 1)):
                await ws.send_json({"id": number})
            await ws.close(code if first + cut <= last else 1000)


@pytest.fixture
def feed(request: pytest.FixtureRequest) -> Iterator[Feed]:
    served = Feed(**getattr(request, "param", {}))
    with serving(served.app) as url, testing.wired({"feed": url}):
        yield served


async def test_it_is_opened_again_and_resumed_so_that_nothing_is_missing_or_double(feed: Feed) -> None:
    seen: list[int] = []
    async with rt.app("feed").websocket("/feed", resume=lambda: {"after": seen[-1]}) as ws:
        await ws.send({"after": 0})
        async for message in ws:
            seen.append(json.loads(message)["id"])
    assert seen == list(range(1, 51))
    assert feed.requests == [{"after": n} for n in range(0, 50, 10)]


async def test_resume_may_wait_and_may_have_nothing_to_say(serve: Serve) -> None:
    app, connections = FastAPI(), []

    @app.websocket("/")
    async def hello(ws: WebSocket) -> None:
        await ws.accept()
        connections.append(1)
        await ws.send_text(f"welcome {len(connections)}")
        await ws.close(1000 if len(connections) == 3 else 1011)

    async def nothing() -> None:
        await asyncio.sleep(0)

    with testing.wired({"app": serve(app)}):
        async with rt.app("app").websocket("/", resume=nothing) as ws:
            assert [message async for message in ws] == ["welcome 1", "welcome 2", "welcome 3"]


async def test_sending_opens_it_again_and_keeps_what_was_not_fetched(serve: Serve) -> None:
    app, words = FastAPI(), []

    @app.websocket("/")
    async def once(ws: WebSocket) -> None:
        await ws.accept()
        words.append(await ws.receive_text())
        for number in range(3):
            await ws.send_text(f"{words[-1]}{number}")
        await ws.close(1012)

    with testing.wired({"app": serve(app)}):
        async with rt.app("app").websocket() as ws:
            await ws.send("a")
            await until(lambda: ws._current().state is State.CLOSED)  # what comes before is lost, as documented
            await ws.send("b")
            assert [await ws.recv(30) for _ in range(6)] == ["a0", "a1", "a2", "b0", "b1", "b2"]
    assert words == ["a", "b"]


@pytest.mark.parametrize("code", [1003, 1008, 1009, 3000, 4001])
async def test_a_code_that_stays_true_is_an_error_after_what_came_before(serve: Serve, code: int) -> None:
    app = FastAPI()

    @app.websocket("/")
    async def leave(ws: WebSocket) -> None:
        await ws.accept()
        await ws.send_text("wait for it")
        await ws.close(code, "not you")

    with testing.wired({"app": serve(app)}):
        async with rt.app("app").websocket() as ws:
            messages = []

            async def listen() -> None:
                async for message in ws:
                    messages.append(message)

            with pytest.raises(SocketClosed, match=f"was closed with {code}: 'not you'") as closed:
                await listen()
            assert (messages, closed.value.code, closed.value.reason) == (["wait for it"], code, "not you")
            with pytest.raises(SocketClosed):
                await ws.send("x")


async def test_without_reconnect_every_loss_is_final(feed: Feed) -> None:
    async with rt.app("feed").websocket("/feed", reconnect=0) as ws:
        await ws.send({"after": 0})
        seen = [(await ws.recv_json(30))["id"] for _ in range(10)]
        assert seen == list(range(1, 11))
        with pytest.raises(SocketClosed) as closed:
            await ws.recv()
        assert closed.value.code == 1012


async def test_a_server_that_starts_late_or_restarts_is_waited_for(free_port: int) -> None:
    testing.set_testing(False)
    app, connections = FastAPI(), []

    @app.websocket("/")
    async def echo(ws: WebSocket) -> None:
        await ws.accept()
        connections.append(1)
        async for text in ws.iter_text():
            await ws.send_text(text)

    async def start(running: asyncio.Event, stop: asyncio.Event) -> None:
        import uvicorn

        server = uvicorn.Server(uvicorn.Config(app, port=free_port, log_level="error", timeout_graceful_shutdown=0))
        serve = asyncio.create_task(server._serve())
        await until(lambda: server.started)
        running.set()
        await stop.wait()
        server.should_exit = True
        await serve

    with testing.wired({"app": f"http://127.0.0.1:{free_port}"}):
        running, stop = asyncio.Event(), asyncio.Event()
        opening = asyncio.create_task(rt.app("app").websocket().__aenter__())
        await asyncio.sleep(0.3)
        first = asyncio.create_task(start(running, stop))
        ws = await opening
        await ws.send("one")
        assert await ws.recv(30) == "one"
        stop.set()
        await first
        running, stop = asyncio.Event(), asyncio.Event()
        waiting = asyncio.create_task(ws.recv(60))
        await asyncio.sleep(0.3)
        second = asyncio.create_task(start(running, stop))
        await until(lambda: len(connections) == 2)
        await ws.send("two")
        assert await waiting == "two"
        await ws.close()
        stop.set()
        await second


async def test_nobody_there_is_said_within_the_time_to_open(free_port: int) -> None:
    testing.set_testing(False)
    with testing.wired({"app": f"http://127.0.0.1:{free_port}"}):
        begin = time.monotonic()
        with pytest.raises(CallFailed, match=r"'/x' of app 'app' at .* could not be reached for 1 s") as failed:
            async with rt.app("app").websocket("/x", timeout=1):
                pytest.fail("opened")
        assert time.monotonic() - begin < 60
        assert failed.value.attempts >= 1


async def test_why_nobody_was_reached_is_said_and_is_the_cause(
    serve: Serve, wire: Callable[..., Wire], free_port: int
) -> None:
    testing.set_testing(False)
    app = FastAPI()

    @app.websocket("/drop")
    async def drop(ws: WebSocket) -> None:
        await ws.accept()
        await ws.close(1013, "too many of you")

    async def busy(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "websocket.http.response.start", "status": 503, "headers": []})
        await send({"type": "websocket.http.response.body", "body": b""})

    rude = wire(*[lambda connection: connection.close()] * 100)
    for url, reason, cause in (
        (f"http://127.0.0.1:{free_port}", "Connect call failed", OSError),
        (serve(busy, lifespan="off"), "HTTP 503", InvalidStatus),
        (rude.url, "did not receive a valid HTTP response: ", InvalidHandshake),
        (f"{serve(app)}/drop", "1013 .*too many of you", ConnectionClosed),
    ):
        with testing.wired({"app": url}), pytest.raises(CallFailed, match=f"reached for 1 s: .*{reason}") as failed:
            async with rt.app("app").websocket(timeout=1, reconnect=1) as ws:
                await ws.recv()
        assert isinstance(failed.value.__cause__, cause)


async def test_an_attempt_that_the_limit_cuts_short_does_not_hide_the_refusal_before_it() -> None:
    requests = 0

    async def refuse_once(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal requests
        requests += 1
        with closing(writer):
            await reader.readuntil(b"\r\n\r\n")
            if requests == 1:
                writer.write(b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n")
            else:
                await reader.read()  # no answer until the client has left

    async with await asyncio.start_server(refuse_once, "127.0.0.1", 0) as server:
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        message = r"could not be reached for 1\.5 s: .*HTTP 503"
        with testing.wired({"app": url}), pytest.raises(CallFailed, match=message) as failed:
            await rt.app("app").websocket(timeout=1.5).__aenter__()
    assert isinstance(failed.value.__cause__, InvalidStatus)
    assert requests > 1


@pytest.mark.parametrize(
    "wrong",
    [
        *({"timeout": value} for value in (math.nan, math.inf, 0, -1, "1")),
        *({"heartbeat": value} for value in (math.nan, 0)),
        *({"reconnect": value} for value in (math.nan, -1)),
    ],
)
def test_times_that_are_none_say_so(wrong: Any) -> None:
    name, value = next(iter(wrong.items()))
    with (
        testing.wired({"app": "http://127.0.0.1:1"}),
        pytest.raises(InvalidCall, match=re.escape(f"{name}={value!r}: expected seconds, ")),
    ):
        rt.app("app").websocket(**wrong)


@pytest.mark.parametrize(
    ("wrong", "problem"),
    [
        ({"headers": {"X": "secret\r\nb: c"}}, "value of 'X' contains a line break"),
        ({"headers": {"X": "secret\0"}}, "value of 'X' contains .* a NUL"),
        ({"headers": {"X y": "secret"}}, "'X y' is not a valid header name"),
        ({"headers": {"": "secret"}}, "'' is not a valid header name"),
        ({"subprotocols": "chat"}, "subprotocols"),
    ],
)
async def test_what_no_handshake_can_carry_is_said_at_once(wrong: Any, problem: str) -> None:
    with testing.wired({"app": "http://127.0.0.1:1"}), pytest.raises(InvalidCall, match=problem) as refused:
        await rt.app("app").websocket("/x", **wrong).__aenter__()
    assert "secret" not in str(refused.value)


async def test_the_edges_timeout_is_the_time_to_open(free_port: int) -> None:
    testing.set_testing(False)
    edge = AppInput(project="p", domain="d", name="n", url=f"http://127.0.0.1:{free_port}", timeout=0.5)
    with testing.wired({"app": edge}), pytest.raises(CallFailed, match=r"for 0\.5 s"):
        await rt.app("app").websocket().__aenter__()


async def test_a_server_that_accepts_and_drops_is_not_asked_for_ever(serve: Serve) -> None:
    testing.set_testing(False)
    app, connections = FastAPI(), []

    @app.websocket("/")
    async def drop(ws: WebSocket) -> None:
        await ws.accept()
        connections.append(1)
        await ws.close(1013)

    with testing.wired({"app": serve(app)}):
        async with rt.app("app").websocket(reconnect=2) as ws:
            with pytest.raises(CallFailed, match="could not be reached for 2 s"):
                await ws.recv()
    assert 1 <= len(connections) < 30


@pytest.mark.parametrize("status", [401, 403, 404, 500])
async def test_a_refusal_that_stays_is_said_at_once(serve: Serve, status: int) -> None:
    handshakes = []

    async def refuse(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "websocket":
            handshakes.append(1)
            await receive()
            await send({"type": "websocket.http.response.start", "status": status, "headers": []})
            await send({"type": "websocket.http.response.body", "body": b"not today"})

    with testing.wired({"app": serve(refuse, lifespan="off")}):
        with pytest.raises(SocketRefused, match=f"with {status}: not today") as refused:
            await rt.app("app").websocket().__aenter__()
        assert (refused.value.status, refused.value.attempts, len(handshakes)) == (status, 1, 1)


async def test_a_refusal_for_the_moment_is_tried_again(serve: Serve) -> None:
    handshakes = []

    async def busy(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        handshakes.append(1)
        if len(handshakes) < 4:
            await send({"type": "websocket.http.response.start", "status": 503, "headers": [(b"retry-after", b"1")]})
            await send({"type": "websocket.http.response.body", "body": b""})
            return
        await send({"type": "websocket.accept"})
        await send({"type": "websocket.send", "text": "come in"})
        await receive()

    with testing.wired({"app": serve(busy, lifespan="off")}):
        async with rt.app("app").websocket() as ws:
            assert await ws.recv(30) == "come in"
    assert len(handshakes) == 4


async def test_credential_trace_and_headers_go_with_each_attempt(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    feed = Feed(cut=25)
    monkeypatch.setenv("EDGE", "first")
    edge = AppInput(project="p", domain="d", name="n", url=serve(feed.app), credential_variable="EDGE")
    with testing.wired({"feed": edge}):
        headers = {"X-Tenant": "t"}
        async with rt.app("feed").websocket("/feed", resume=lambda: {"after": 25}, headers=headers) as ws:
            await ws.send({"after": 0})
            monkeypatch.setenv("EDGE", "rotated")
            assert len([message async for message in ws]) == 50
            assert "first" not in repr(ws)
    assert [sent["flyte-caller-token"] for sent in feed.headers] == ["first", "rotated"]
    assert {sent["x-tenant"] for sent in feed.headers} == {"t"}
    assert all(sent["traceparent"].startswith("00-") for sent in feed.headers)


async def test_a_server_that_goes_silent_is_lost_by_its_heartbeat() -> None:
    testing.set_testing(False)
    import base64
    import hashlib

    opened = []

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        opened.append(writer)
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        key = next(line.split(": ")[1] for line in head.split("\r\n") if line.lower().startswith("sec-websocket-key"))
        made = base64.b64encode(hashlib.sha1(f"{key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11".encode()).digest()).decode()
        answer = f"HTTP/1.1 101 x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {made}\r\n\r\n"
        writer.write(answer.encode())

    server = await asyncio.start_server(silent, "127.0.0.1", 0)
    with testing.wired({"app": f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"}):
        async with rt.app("app").websocket(heartbeat=0.3) as ws:
            receiving = asyncio.create_task(ws.recv())
            await until(lambda: len(opened) >= 2)
            receiving.cancel()
            await asyncio.wait({receiving})
            for writer in opened:
                writer.close()
    server.close()


async def test_waiting_for_a_message_is_bounded(serve: Serve) -> None:
    app = FastAPI()

    @app.websocket("/")
    async def quiet(ws: WebSocket) -> None:
        await ws.accept()
        await ws.receive_text()
        await ws.send_text("late")
        await ws.receive_text()

    with testing.wired({"app": serve(app)}):
        async with rt.app("app").websocket() as ws:
            with pytest.raises(CallTimedOut, match=r"sent no message within 0\.2 s"):
                await ws.recv(timeout=0.2)
            await ws.send("now")
            assert await ws.recv(30) == "late"


async def test_what_cannot_be_done_says_so(serve: Serve) -> None:
    with testing.wired({"app": "http://127.0.0.1:1"}):
        ws = rt.app("app").websocket("/x")
        with pytest.raises(InvalidCall, match="use it in `async with`"):
            await ws.recv()
        with pytest.raises(InvalidCall, match=r"timeout=nan: expected seconds, 0 or more"):
            await ws.recv(math.nan)
        with pytest.raises(InvalidMessage):
            await ws.send(object())
        with pytest.raises(InvalidCall, match="pass the path"):
            await rt.app("app").websocket("http://elsewhere/").__aenter__()
        assert repr(ws) == "rt.app('app').websocket('/x')"


async def test_a_server_that_answers_no_handshake_is_timed_out() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url, begun = f"http://127.0.0.1:{silent.getsockname()[1]}", time.monotonic()
        with testing.wired({"app": url}), pytest.raises(CallTimedOut, match=r"could not be reached for 0\.5 s"):
            await rt.app("app").websocket("/x", timeout=0.5).__aenter__()
        assert time.monotonic() - begun < 60


async def test_a_resume_that_fails_is_the_callers_error_and_leaves_no_connection(serve: Serve) -> None:
    app, here = FastAPI(), []

    @app.websocket("/cut")
    async def cut(ws: WebSocket) -> None:
        await ws.accept()
        here.append(ws)
        if len(here) == 1:
            await ws.close(1012)
        else:
            assert (await ws.receive())["type"] == "websocket.disconnect"
            here.clear()

    with testing.wired({"app": serve(app)}):
        async with rt.app("app").websocket("/cut", resume=lambda: 1 / 0) as ws:
            with pytest.raises(ZeroDivisionError):
                await ws.recv(30)
            await until(lambda: not here)


async def test_both_sides_at_once_over_lost_connections(serve: Serve) -> None:
    """One task sends and another receives. After each loss they share one new connection. No message comes twice."""
    app, opened = FastAPI(), []

    @app.websocket("/echo")
    async def echo(ws: WebSocket) -> None:
        await ws.accept(subprotocol="numbers")
        opened.append(1)
        for _ in range(5):
            await ws.send_text(await ws.receive_text())
        await ws.close(1012)

    with testing.wired({"app": serve(app)}):
        async with rt.app("app").websocket("/echo", subprotocols=["numbers", "words"]) as ws:
            assert ws.subprotocol == "numbers"
            seen: list[int] = []

            async def receive() -> None:
                async for message in ws:
                    seen.append(int(message))

            receiving = asyncio.create_task(receive())
            number = 0
            while len(opened) < 6:
                number += 1
                await ws.send(str(number))
                await asyncio.sleep(0.001)
            await until(lambda: len(seen) >= 20)
            receiving.cancel()
            await asyncio.gather(receiving, return_exceptions=True)
    assert seen == sorted(set(seen))


async def test_an_address_that_is_none_says_so() -> None:
    for address in ("http://127.0.0.1:70000", "http://"):
        with testing.wired({"app": address}), pytest.raises(InvalidCall, match="cannot be opened"):
            await rt.app("app").websocket("/x").__aenter__()


async def test_a_closed_one_stays_closed_and_leaves_no_socket(feed: Feed) -> None:
    async with rt.app("feed").websocket("/feed") as ws:
        await ws.close()
        with pytest.raises(SocketClosed, match="was closed here"):
            await ws.send({"after": 0})
        with pytest.raises(SocketClosed, match="was closed here"):
            await ws.recv()
        assert [message async for message in ws] == []


async def test_leaving_while_it_is_opened_again_ends_its_reader_and_leaves_no_connection() -> None:
    opened: list[ServerConnection] = []
    again, answer = asyncio.Event(), asyncio.Event()

    async def stay(connection: ServerConnection) -> None:
        opened.append(connection)
        await connection.wait_closed()

    async def hold_the_second(connection: ServerConnection, request: Request) -> None:
        if opened:
            again.set()
            await answer.wait()

    async with websockets_serve(stay, "127.0.0.1", 0, process_request=hold_the_second) as server:
        with testing.wired({"app": f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"}):
            async with rt.app("app").websocket() as ws:
                reading = asyncio.create_task(anext(ws))
                await until(lambda: bool(opened))
                await opened[0].close(1012)
                await asyncio.wait_for(again.wait(), 30)
            answer.set()
            with pytest.raises(StopAsyncIteration):
                await asyncio.wait_for(reading, 30)
            await until(lambda: len(opened) == 2 and all(one.state is State.CLOSED for one in opened))
            with pytest.raises(SocketClosed, match="was closed here"):
                await ws.__aenter__()


@pytest.mark.parametrize(
    ("code", "final"), [(1000, True), (1001, False), (1006, False), (1011, False), (1013, False), (2999, False)]
)
def test_final_codes(code: int, final: bool) -> None:
    assert is_final(code) is final


def test_pauses_have_full_jitter_and_respect_what_was_asked() -> None:
    drawn = [pause_before(0, 0) for _ in range(1000)]
    assert min(drawn) < 0.1
    assert 0.4 < max(drawn) <= 0.5
    assert all(2 <= pause_before(40, 2) <= 17 for _ in range(1000))
