"""One exchange with an app, on real sockets."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from flyte_local.proxy.app_client import AppClient, NotListening
from flyte_local.proxy.http import AppRequest, forward
from flyte_local.proxy.request_body import RequestBody
from flyte_local.wire.app_key import AppKey

from tests.ports import free_port

BODY = b'{"order": 7}'
ORDERS = AppKey("shop", "development", "orders")


async def test_a_body_that_was_read_before_nobody_listened_goes_out_with_the_next_attempt() -> None:
    port, waiting = free_port(), [{"type": "http.request", "body": BODY, "more_body": False}]
    headers = [(b"content-length", str(len(BODY)).encode())]
    scope: dict[str, Any] = {"type": "http", "method": "POST", "headers": headers}

    async def receive() -> Any:
        if not waiting:
            await asyncio.Event().wait()  # the client waits for its answer
        return waiting.pop()

    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    received = asyncio.get_running_loop().create_future()

    async def app(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        received.set_result(head + await reader.readexactly(len(BODY)))
        writer.write(b"HTTP/1.1 201 Created\r\ncontent-length: 2\r\n\r\nok")
        writer.close()

    client = AppClient()
    request = AppRequest(ORDERS, port, "/orders", [(b"host", b"x")], 30, "")
    body = RequestBody(scope, receive)
    with pytest.raises(NotListening):
        await forward(client, request, scope, body, send)
    server = await asyncio.start_server(app, "127.0.0.1", port)
    async with server:
        await asyncio.wait_for(forward(client, request, scope, body, send), 30)
        assert (await received).lower().endswith(b"content-length: 12\r\n\r\n" + BODY)
    assert sent[0]["status"] == 201
    body.end()
    await client.close()


async def test_an_answer_with_a_status_that_there_is_not_is_502() -> None:
    async def app(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 999 Odd\r\ncontent-length: 0\r\n\r\n")
        writer.close()

    status, text = await exchange(app, [])
    assert status == 502
    assert b"not HTTP" in text


async def test_a_short_body_that_never_comes_is_408() -> None:
    async def app(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        raise AssertionError

    status, _ = await exchange(app, [(b"content-length", b"10")], limit=0.3)
    assert status == 408


async def exchange(app: Any, headers: list[tuple[bytes, bytes]], limit: float = 30) -> tuple[int, bytes]:
    """Return status and body of the answer to a client that sends its headers and then nothing."""
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> Any:
        await asyncio.Event().wait()

    client = AppClient()
    server = await asyncio.start_server(app, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        request = AppRequest(ORDERS, port, "/", [(b"host", b"x")], limit, "")
        scope: dict[str, Any] = {"type": "http", "method": "GET", "headers": headers}
        body = RequestBody(scope, receive)
        await asyncio.wait_for(forward(client, request, scope, body, send), 30)
    body.end()
    await client.close()
    return sent[0]["status"], b"".join(message.get("body", b"") for message in sent[1:])
