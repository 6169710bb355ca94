"""Passes one HTTP request to an app, and the app's response back to the client."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from aiohttp import ClientError, ClientResponse
from flyte_runtime.errors import reason_of
from starlette.types import Scope, Send

from flyte_local.proxy.app_client import AppClient, BrokenOff
from flyte_local.proxy.connection_takeover import take_over
from flyte_local.proxy.headers import response_headers
from flyte_local.proxy.request_body import BodyTimeout, ClientLeft, RequestBody
from flyte_local.proxy.tunnel import Tunnel
from flyte_local.web.asgi import Header, respond_error
from flyte_local.web.upgrade import Offer, offer, switched
from flyte_local.wire.app_key import AppKey

_SWITCHING_PROTOCOLS = 101


@dataclass(frozen=True)
class AppRequest:
    """A request as the app gets it. The app has `limit` seconds to begin its answer.

    `prefix` is the beginning of the client's path that the app does not get.
    """

    app: AppKey
    port: int
    target: str
    headers: list[Header]
    limit: float
    prefix: str


async def forward(client: AppClient, request: AppRequest, scope: Scope, body: RequestBody, send: Send) -> None:
    """Send a request to an app and pass the answer on. An answer that switches to a WebSocket becomes a tunnel.

    Raises NotListening if nothing was sent, so that another attempt can follow with the same body. Raises
    ConnectionError if the app broke off an answer that had begun.
    """
    upgrade = offer(scope)
    try:
        response = await _response(client, request, scope, body)
    except ClientLeft:
        return
    except BodyTimeout:
        await respond_error(send, 408, f"the request's body did not come within {request.limit:g} s")
        return
    except asyncio.TimeoutError:
        await respond_error(send, 504, f"app {request.app} did not answer within {request.limit:g} s")
        return
    except BrokenOff as error:
        await respond_error(send, 502, f"app {request.app} closed the connection: {error}")
        return
    headers = response_headers(response.raw_headers, request.prefix, scope)
    try:
        if upgrade is not None and response.status == _SWITCHING_PROTOCOLS:
            await _tunnel(response, headers, upgrade)
        else:
            await _pass_back(response, headers, request.app, body, send)
    finally:
        response.close()


async def _response(client: AppClient, request: AppRequest, scope: Scope, body: RequestBody) -> ClientResponse:
    """Return the app's response once its head has arrived, unless the client leaves or the time is over before."""
    await body.begin(request.limit)
    upgrade = offer(scope) is not None
    sending = asyncio.create_task(
        client.send(request.port, scope["method"], request.target, request.headers, body, upgrade=upgrade)
    )
    try:
        await asyncio.wait({sending, body.client_left}, timeout=request.limit, return_when=asyncio.FIRST_COMPLETED)
        if sending.done():
            return sending.result()
        if body.client_left.done():
            raise ClientLeft
        raise asyncio.TimeoutError
    finally:
        sending.cancel()


async def _pass_back(
    response: ClientResponse, headers: list[Header], app: AppKey, body: RequestBody, send: Send
) -> None:
    def stop(_: object) -> None:
        response.close()

    body.client_left.add_done_callback(stop)
    try:
        await send({"type": "http.response.start", "status": response.status, "headers": headers})
        content = response.content
        piece = await content.readany()
        while not content.at_eof():
            await send({"type": "http.response.body", "body": piece, "more_body": True})
            piece = await content.readany()
        await send({"type": "http.response.body", "body": piece})
    except (ClientError, OSError) as error:
        if not body.client_left.done():
            # The head is out: only a transfer that breaks off tells the client that this is not the whole answer.
            raise ConnectionError(f"app {app} broke off its response: {reason_of(error)}") from error
    finally:
        body.client_left.remove_done_callback(stop)


async def _tunnel(response: ClientResponse, headers: list[Header], upgrade: Offer) -> None:
    tunnel = Tunnel()
    first = take_over(response, tunnel.app)
    if upgrade(switched(headers), tunnel.client):
        await tunnel.run(first)
    else:
        tunnel.app.abort()
