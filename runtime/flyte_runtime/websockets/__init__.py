"""WebSockets of an app: rooms in which no client can hold up the others, and updates of runs for a client.

    rooms = rt.websockets.Rooms()

    @app.websocket("/chat/{name}")
    async def chat(ws: WebSocket, name: str) -> None:
        async with rooms.join(ws, name) as client:
            async for message in client:
                await rooms[name].broadcast(message, except_=client)

It works with the WebSocket objects of Starlette and FastAPI. Rooms belong to one process and its event loop. With
several processes or replicas, each has its own clients.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flyte_runtime.lazy_imports import import_attribute

if TYPE_CHECKING:
    from flyte_runtime.apps.websocket import WebSocket as WebSocket
    from flyte_runtime.websockets.connection import Client as Client
    from flyte_runtime.websockets.connection import attend as attend
    from flyte_runtime.websockets.limits import Limits as Limits
    from flyte_runtime.websockets.refusal import Refused as Refused
    from flyte_runtime.websockets.rooms import Room as Room
    from flyte_runtime.websockets.rooms import Rooms as Rooms
    from flyte_runtime.websockets.runs import stream_run as stream_run
    from flyte_runtime.websockets.task_runner import run_tasks as run_tasks

_HOME_OF = {
    "Client": "connection",
    "Limits": "limits",
    "Refused": "refusal",
    "Room": "rooms",
    "Rooms": "rooms",
    "WebSocket": ".apps.websocket",
    "attend": "connection",
    "run_tasks": "task_runner",
    "stream_run": "runs",
}

__all__ = ["Client", "Limits", "Refused", "Room", "Rooms", "WebSocket", "attend", "run_tasks", "stream_run"]


def __getattr__(name: str) -> Any:
    value = globals()[name] = import_attribute(__name__, _HOME_OF, name)
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
