"""The server of the WebSocket benchmark and the soak run: `python -m benchmarks.rooms_server PORT`.

If a client in `/rooms/{name}` sends `go COUNT`, all clients of the room get COUNT numbered messages of about 1 kB.
`/state` returns the number of clients and the memory of the process in bytes.
"""

from __future__ import annotations

import socket
import sys

import psutil
import uvicorn
from flyte_runtime.serving.websocket_protocol import Protocol
from flyte_runtime.websockets import Rooms
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket

BODY = "x" * 1000
rooms = Rooms()
_last_numbers: dict[str, int] = {}


async def enter(ws: WebSocket) -> None:
    name = ws.path_params["name"]
    async with rooms.join(ws, name) as client:
        async for message in client:
            for _ in range(int(str(message).removeprefix("go "))):
                number = _last_numbers[name] = _last_numbers.get(name, 0) + 1
                # All numbers have the same length, so that a client can count bytes.
                await rooms[name].broadcast(f"{number:010d} {BODY}")


async def state(request: Request) -> JSONResponse:
    return JSONResponse({"clients": len(rooms), "memory": psutil.Process().memory_info().rss})


application = Starlette(routes=[Route("/state", state), WebSocketRoute("/rooms/{name}", enter)])

if __name__ == "__main__":
    with socket.create_server(("127.0.0.1", int(sys.argv[1])), backlog=1024) as listener:
        # The default buffers of loopback hold megabytes. No client would stall before they are full.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 65_536)
        config = uvicorn.Config(application, ws=Protocol, access_log=False, log_level="warning")
        uvicorn.Server(config).run(sockets=[listener])
