"""Peers that read nothing, send nonsense, or leave in the middle: no memory, no socket, no traceback."""

from __future__ import annotations

import asyncio
import os
import random
import socket
from collections.abc import Callable
from urllib.parse import urlsplit

import psutil
import pytest
from fastapi import FastAPI, WebSocket
from flyte_runtime.serving import websocket_protocol
from flyte_runtime.websockets import Rooms, attend

from tests.runtime.websockets.conftest import Deaf, chat, joined, until

Serve = Callable[..., str]


def sockets(url: str) -> int:
    """Return how many sockets of this process belong to the server: its listener and both ends of connections."""
    port = urlsplit(url).port
    connections = psutil.Process().net_connections("tcp")
    return sum(port in {end.port for end in (each.laddr, each.raddr) if end} for each in connections)


async def test_an_evicted_client_that_never_reads_loses_its_socket(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(websocket_protocol, "LINGER", 0.5)
    rooms = Rooms(queue=8, rate=None)
    url = serve(chat(rooms))
    async with joined(f"{url}/chat/a") as ann:
        await until(lambda: len(rooms) == 1)
        before = sockets(url)
        with Deaf(f"{url}/chat/a"):
            await until(lambda: len(rooms) == 2)
            while len(rooms) == 2:
                await ann.send("x" * 60_000)
                await asyncio.sleep(0)
            await until(lambda: sockets(url) == before + 1)  # the client's own end, which nobody has closed


async def test_a_client_that_answers_no_ping_and_reads_nothing_loses_its_socket(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(websocket_protocol, "LINGER", 0.5)
    app, ended = FastAPI(), []

    @app.websocket("/pour")
    async def pour(ws: WebSocket) -> None:
        await ws.accept()
        try:
            while True:
                await ws.send_text("x" * 60_000)
        finally:
            ended.append(1)

    url = serve(app, ws_ping_interval=0.5, ws_ping_timeout=0.5)
    with Deaf(f"{url}/pour"):
        await until(lambda: ended)


async def test_pings_without_end_from_one_who_reads_no_pongs_cost_no_memory(serve: Serve) -> None:
    rooms = Rooms()
    url = serve(chat(rooms))
    process = psutil.Process()
    with Deaf(f"{url}/chat/a") as deaf:
        await until(lambda: len(rooms) == 1)
        pings = (b"\x89\xfd" + bytes(4) + b"p" * 125) * 500
        before = process.memory_info().rss
        for _ in range(300):
            await asyncio.to_thread(deaf.socket.sendall, pings)
        assert len(rooms) == 1
        assert process.memory_info().rss - before < 10_000_000


def handshake(url: str, draw: random.Random | None = None) -> bytes:
    """Return a valid handshake. With `draw`, it has one or several faults."""
    at = urlsplit(url)
    lines = [
        b"GET /chat/a HTTP/1.1",
        b"Host: " + at.netloc.encode(),
        b"Upgrade: websocket",
        b"Connection: Upgrade",
        b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
        b"Sec-WebSocket-Version: 13",
    ]
    if draw is not None:
        _damage(lines, draw)
    return b"\r\n".join(lines) + b"\r\n\r\n"


def _damage(lines: list[bytes], draw: random.Random) -> None:
    extra = [
        b"Origin: http://[",
        b"Origin: \xff\xfe",
        b"Origin: null",
        b"Origin: http://a\r\nOrigin: http://b",
        b"Sec-WebSocket-Protocol: \xe9,,",
        b"Sec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=99",
        b"X-Forwarded-For: \xff",
        b"Sec-WebSocket-Key: \x80",
        b"traceparent: \xff-\xfe",
        b"Flyte-Caller-Token: \xff",
    ]
    for _ in range(draw.choice((1, 1, 1, 4))):
        match draw.randrange(5):
            case 0:
                lines.append(draw.choice(extra))
            case 1:
                lines.pop(draw.randrange(1, len(lines))) if len(lines) > 2 else None
            case 2:
                lines[0] = draw.choice(
                    (
                        b"GET /chat/\xff HTTP/1.1",
                        b"GET /chat/%ff%00 HTTP/1.1",
                        b"GET /chat/a?\xff=%zz HTTP/1.1",
                        b"POST /chat/a HTTP/1.1",
                        b"GET /none HTTP/1.1",
                        b"GET http://x/chat/a HTTP/1.1",
                        b"GET * HTTP/1.1",
                    )
                )
            case 3:
                line = bytearray(draw.choice(lines))
                line[draw.randrange(len(line))] = draw.randrange(256)
                lines.append(bytes(line))
            case 4:
                pass


def frames(draw: random.Random) -> bytes:
    """Return some frames, of which most are not valid."""
    sent = b""
    for _ in range(draw.randrange(1, 6)):
        first = draw.choice((0x81, 0x82, 0x01, 0x00, 0x80, 0x88, 0x89, 0x8A, 0xC1, 0xF1, draw.randrange(256)))
        body = draw.choice((b"", b"hi", b"\xff\xfe", b"\xed\xa0\x80", b"\x03\xe8bye", b"\x00", draw.randbytes(200)))
        length = draw.choice((len(body), len(body), len(body), 126, 127, 0))
        size = bytes([0x80 * draw.choice((1, 1, 1, 0)) | min(length, 125 if length < 126 else length)])
        if length == 126:
            size += len(body).to_bytes(2, "big")
        elif length == 127:
            size += draw.choice((len(body), 2**63, 2**40)).to_bytes(8, "big")
        sent += bytes([first]) + size + bytes(4) + body
    return sent


async def assault(url: str, seed: int, count: int) -> None:
    """Open `count` connections and send invalid data. Some are cut in the middle."""
    draw, at = random.Random(seed), urlsplit(url)
    for number in range(count):
        head = handshake(url, draw if number % 3 else None)
        sent = head + b"".join(frames(draw) for _ in range(draw.randrange(3)))
        reader, writer = await asyncio.open_connection(at.hostname, at.port)
        writer.write(sent[: draw.randrange(len(sent))] if draw.random() < 0.1 else sent)
        try:
            answer = await asyncio.wait_for(reader.read(65536), 0.02 if draw.random() < 0.5 else 0.1)
            # uvicorn answers 400 to a request that is not a handshake. No answer is an error of the application.
            assert b" 500 " not in answer.split(b"\r\n")[0], (seed, number, sent, answer)
        except (asyncio.TimeoutError, ConnectionError):
            pass
        if draw.random() < 0.3:
            writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01" + bytes(7))
        writer.close()


async def test_nonsense_in_handshakes_and_frames_leaves_no_traceback(
    serve: Serve, caplog: pytest.LogCaptureFixture
) -> None:
    rooms = Rooms()
    url = serve(chat(rooms))
    count = int(os.environ.get("SOAK_SOCKETS", "600"))
    await assault(url, 1, count)
    async with joined(f"{url}/chat/b") as ann, joined(f"{url}/chat/b") as bob:
        await until(lambda: len(rooms["b"]) == 2)
        await ann.send("all is well")
        assert await bob.recv() == "all is well"
    await until(lambda: not rooms._count, 60)  # the last that a connection gives back
    assert len(rooms) == 0
    assert "Traceback" not in caplog.text
    assert "never retrieved" not in caplog.text


async def test_a_client_that_leaves_during_the_handshake_is_no_error(
    serve: Serve, caplog: pytest.LogCaptureFixture
) -> None:
    app, seen = FastAPI(), []

    @app.websocket("/slow")
    async def slow(ws: WebSocket) -> None:
        await asyncio.sleep(0.3)
        try:
            async with attend(ws) as client:
                await client.send("anybody?")
        finally:
            seen.append(1)

    url = serve(app)
    at = urlsplit(url)
    for _ in range(5):
        with socket.create_connection((at.hostname or "", at.port or 80)) as peer:
            peer.sendall(handshake(url).replace(b"/chat/a", b"/slow"))
            await asyncio.sleep(0.1)
    await until(lambda: len(seen) == 5)
    assert "Traceback" not in caplog.text


async def test_text_that_is_not_utf_8_is_closed_with_1007_and_not_logged_as_an_error(
    serve: Serve, caplog: pytest.LogCaptureFixture
) -> None:
    rooms = Rooms()
    url = serve(chat(rooms))
    with Deaf(f"{url}/chat/a") as peer:
        peer.socket.sendall(b"\x81\x82" + bytes(4) + b"\xff\xfe")
        code, _ = await asyncio.to_thread(peer.closing_frame)
        assert code == 1007
    await until(lambda: len(rooms) == 0)
    assert "Traceback" not in caplog.text
