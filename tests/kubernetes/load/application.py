"""The application under load. The image holds this file as `backend.py`, with another number for each release."""

from __future__ import annotations

import asyncio
import json
import os

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

RELEASE = "0"


async def root(request: Request) -> JSONResponse:
    await asyncio.sleep(float(request.query_params.get("seconds", 0.005)))
    return JSONResponse({"release": RELEASE, "secret": os.environ.get("KEY"), "pod": os.environ.get("HOSTNAME")})


async def numbers(socket: WebSocket) -> None:
    """Send one number after another, beginning after the one that the client has seen last."""
    await socket.accept()
    try:
        number = json.loads(await socket.receive_text())["after"]
        while True:
            number += 1
            await socket.send_text(str(number))
            await asyncio.sleep(0.2)
    except WebSocketDisconnect:
        pass


app = Starlette(routes=[Route("/", root), WebSocketRoute("/numbers", numbers)])
