"""Bodies that are too large, by a real server and piece by piece."""

from __future__ import annotations

import itertools
import json
import socket
import time
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from flyte_runtime.webhooks import Bearer, Delivery, Env, Rate, Webhook
from starlette.applications import Starlette
from starlette.routing import Route

from tests.runtime.serving.parsers import small_reads
from tests.runtime.webhooks import senders
from tests.runtime.webhooks.door import Door
from tests.runtime.webhooks.senders import KEY

CAP = 256 * 1024
OVER = 64 * 1024
# What an event loop reads from a socket at once, and a bare uvicorn hands over in one piece.
ONE_READ = 256 * 1024


async def length(delivery: Delivery[Any]) -> dict[str, int]:
    return {"bytes": len(delivery.body)}


def app() -> Starlette:
    hook = Webhook(Bearer(KEY), max_body=CAP)
    return Starlette(routes=[Route("/hook", hook.endpoint(length), methods=["POST"])])


def string(size: int) -> bytes:
    return b'"' + b"x" * (size - 2) + b'"'


async def test_the_cap_itself_fits_and_one_byte_more_does_not() -> None:
    door = Door(app())
    assert (await door.send(senders.bearer(string(CAP)))).status == 200
    assert (await door.send(senders.bearer(string(CAP + 1)))).status == 413


@pytest.mark.parametrize("said", [None, b"10", b"%d" % CAP])
async def test_reading_stops_with_the_piece_that_goes_over_whatever_the_length_says(said: bytes | None) -> None:
    door = Door(app())
    sent = senders.bearer(b"")
    if said is not None:
        sent = sent.having(b"content-length", said)
    answer = await door.send(sent, pieces=itertools.repeat(b"x" * OVER))
    assert (answer.status, answer.headers[b"connection"]) == (413, b"close")
    assert CAP < door.taken <= CAP + OVER


@pytest.mark.parametrize(
    ("said", "status"), [(b"%d" % (CAP + 1), 413), (b"9" * 18, 413), (b"9" * 19, 400), (b"-1", 400), (b"1e3", 400)]
)
async def test_a_length_over_the_cap_is_refused_unread(said: bytes, status: int) -> None:
    door = Door(app())
    answer = await door.send(senders.bearer(b"").having(b"content-length", said), pieces=itertools.repeat(b"x"))
    assert (answer.status, door.taken) == (status, 0)
    assert (await door.send(senders.bearer(b"").having(b"content-length", b"1", b"2"))).status == 400


async def test_who_cannot_be_right_by_the_headers_is_not_read() -> None:
    door = Door(app())
    answer = await door.send(senders.bearer(b"", key="wrong"), pieces=itertools.repeat(b"x" * OVER))
    assert (answer.status, door.taken, answer.headers[b"connection"]) == (401, 0, b"close")
    short = senders.bearer(b"x", key="wrong").having(b"content-length", b"1")
    assert b"connection" not in (await door.send(short)).headers


async def test_the_body_of_a_delivery_that_is_refused_unread_is_never_read() -> None:
    """The server closes the connection, because it would otherwise read the whole body. This holds for every reason."""
    often = Webhook(Bearer(KEY), rate=Rate(per_address="1/hour"))
    without_key = Webhook(Bearer(Env("NO_SUCH_VARIABLE")))
    for hook, status in ((often, 429), (without_key, 503)):
        door = Door(Starlette(routes=[Route("/hook", hook.endpoint(length), methods=["POST"])]))
        await door.send(senders.bearer(b"1"))
        before = door.taken
        answer = await door.send(senders.bearer(b""), pieces=itertools.repeat(b"x" * OVER))
        assert (answer.status, answer.headers.get(b"connection"), door.taken - before) == (status, b"close", 0)


async def test_a_sender_that_leaves_is_400() -> None:
    answer = await Door(app()).send(senders.bearer(b""), pieces=[b'{"a"'])
    assert (answer.status, answer.detail) == (400, "the sender left before the end of the body")


def _flood(url: str, head: bytes, piece: bytes, most: int) -> tuple[bytes, int]:
    """Send a body without an end. Return the answer, and how many bytes the connection took."""
    with socket.create_connection(_address(url)) as connection:
        connection.settimeout(30)
        connection.sendall(head)
        taken = 0
        try:
            while taken < most:
                connection.sendall(piece)
                taken += len(piece)
        except OSError:
            pass
        try:
            return connection.recv(65536), taken
        except OSError:
            return b"", taken


class Counted:
    """The application. `sizes` are the bytes that it received of the body of each request."""

    def __init__(self) -> None:
        self.application = app()
        self.sizes: list[int] = []

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        size = 0

        async def counted() -> Any:
            nonlocal size
            message = await receive()
            size += len(message.get("body", b""))
            return message

        await self.application(scope, counted, send)
        self.sizes.append(size)


HEAD = (
    f"POST /hook HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {KEY}\r\nContent-Type: application/json\r\n"
    "Transfer-Encoding: chunked\r\n\r\n"
).encode()
CHUNK = b"4000\r\n" + b"x" * 0x4000 + b"\r\n"


@pytest.mark.parametrize("http", ["h11", "httptools"])
def test_a_bare_uvicorn_stops_with_the_read_that_goes_over(http: str, serve: Callable[..., str]) -> None:
    pytest.importorskip(http)
    application = Counted()
    assert CAP < received_of_a_flood(application, serve(application, http=http)) <= CAP + ONE_READ


@pytest.mark.parametrize("loop", ["asyncio", "uvloop"])
@pytest.mark.parametrize("http", ["h11", "httptools"])
def test_as_rt_serve_does_it_reading_stops_within_64_kib(http: str, loop: str, serve: Callable[..., str]) -> None:
    pytest.importorskip(loop)
    application = Counted()
    received = received_of_a_flood(application, serve(application, http=small_reads(http), loop=loop))
    assert CAP < received <= CAP + OVER


def received_of_a_flood(application: Counted, url: str) -> int:
    """Send a body without an end. Return how many bytes of it the application received."""
    _, sent = _flood(url, HEAD, CHUNK, 1 << 30)
    until = time.monotonic() + 60
    while not application.sizes:
        assert time.monotonic() < until, "the request did not end"
        time.sleep(0.01)
    assert sent < 64 << 20  # kernels buffer what was not read
    assert json.loads(_ask(url, string(1000)).partition(b"\r\n\r\n")[2]) == {"bytes": 1000}
    return application.sizes[0]


def _address(url: str) -> tuple[str, int]:
    parts = urlsplit(url)
    assert parts.hostname is not None
    assert parts.port is not None
    return parts.hostname, parts.port


def _ask(url: str, body: bytes) -> bytes:
    with socket.create_connection(_address(url)) as connection:
        head = (
            f"POST /hook HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {KEY}\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
        )
        connection.sendall(head.encode() + body)
        return b"".join(_pieces(connection))


def _pieces(connection: socket.socket) -> Iterator[bytes]:
    while piece := connection.recv(65536):
        yield piece
