"""Relays a WebSocket between a client and an app, message by message, closing codes included (RFC 6455)."""

from __future__ import annotations

import asyncio
import contextlib
import json

import aiohttp
from yarl import URL

from flyte_local.asgi import Receive, Scope, Send

_ABNORMAL = 1006
_NO_STATUS = 1005
_GOING_AWAY = 1001
_INTERNAL = 1011


async def relay(
    session: aiohttp.ClientSession,
    target: URL,
    headers: list[tuple[str, str]],
    limit: float,
    scope: Scope,
    receive: Receive,
    send: Send,
) -> None:
    """Opens the app's side first, so that its refusal and its choice of subprotocol are the client's answer.

    The app has `limit` seconds to agree.
    """
    opening = session.ws_connect(
        target,
        headers=headers,
        protocols=scope.get("subprotocols") or (),
        max_msg_size=0,
        autoping=True,
        heartbeat=None,
    )
    try:
        upstream = await asyncio.wait_for(opening, limit)
    except asyncio.TimeoutError:
        await refuse(receive, send, 504, f"the app did not answer the WebSocket within {limit:g} s")
        return
    except aiohttp.WSServerHandshakeError as error:
        await refuse(receive, send, error.status or 502, f"the app refused the WebSocket: {error.message}")
        return
    except (aiohttp.ClientError, OSError) as error:
        await refuse(receive, send, 502, f"the app closed the connection: {error or type(error).__name__}")
        return
    async with upstream:
        if (await receive())["type"] != "websocket.connect":
            return
        await send({"type": "websocket.accept", "subprotocol": upstream.protocol})
        to_app = asyncio.create_task(_to_app(upstream, receive))
        to_client = asyncio.create_task(_to_client(upstream, send))
        _, pending = await asyncio.wait({to_app, to_client}, return_when=asyncio.FIRST_COMPLETED)
        for task in pending:
            task.cancel()
        await asyncio.gather(*pending, return_exceptions=True)
        for task in (to_app, to_client):
            if not task.cancelled() and task.exception() is not None:
                with contextlib.suppress(Exception):
                    await send({"type": "websocket.close", "code": _INTERNAL})


async def refuse(receive: Receive, send: Send, status: int, message: str) -> None:
    """Answers the handshake with an HTTP error (the ASGI extension websocket.http.response) and a JSON sentence."""
    await receive()
    body = json.dumps({"error": message}).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "websocket.http.response.start", "status": status, "headers": headers})
    await send({"type": "websocket.http.response.body", "body": body})


async def _to_app(upstream: aiohttp.ClientWebSocketResponse[bool], receive: Receive) -> None:
    while True:
        message = await receive()
        if message["type"] == "websocket.disconnect":
            reason = (message.get("reason") or "").encode()
            await upstream.close(code=_sendable(message.get("code") or _NO_STATUS), message=reason)
            return
        if message.get("text") is not None:
            await upstream.send_str(message["text"])
        else:
            await upstream.send_bytes(message.get("bytes") or b"")


async def _to_client(upstream: aiohttp.ClientWebSocketResponse[bool], send: Send) -> None:
    while True:
        message = await upstream.receive()
        if message.type == aiohttp.WSMsgType.TEXT:
            await send({"type": "websocket.send", "text": message.data})
        elif message.type == aiohttp.WSMsgType.BINARY:
            await send({"type": "websocket.send", "bytes": message.data})
        else:
            break
    code = upstream.close_code or _NO_STATUS
    reason = message.extra if message.type == aiohttp.WSMsgType.CLOSE and message.extra else ""
    await send({"type": "websocket.close", "code": _sendable(code), "reason": reason})


def _sendable(code: int) -> int:
    """1005 and 1006 say that there was no code: they exist in no frame (RFC 6455 §7.4.1)."""
    return _GOING_AWAY if code in (_NO_STATUS, _ABNORMAL) else code
