"""What is needed of a server's WebSocket object: Starlette's and FastAPI's have it, and they are not imported."""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Any, Protocol

__all__ = ["ServerSocket", "address_of", "is_accepted"]


class ServerSocket(Protocol):
    """The ASGI scope and events of one connection."""

    @property
    def scope(self) -> MutableMapping[str, Any]:
        """ASGI's `websocket` scope."""

    async def accept(self, subprotocol: str | None = None) -> None:
        """Answer the handshake."""

    async def receive(self) -> MutableMapping[str, Any]:
        """The next ASGI event from the client."""

    async def send(self, message: MutableMapping[str, Any], /) -> None:
        """An ASGI event to the client."""


def is_accepted(ws: ServerSocket) -> bool:
    """Whether the handler has accepted the connection already (Starlette's `application_state`)."""
    return getattr(getattr(ws, "application_state", None), "name", "") == "CONNECTED"


def address_of(ws: ServerSocket) -> str:
    """The client's address as the server sees it; empty where there is none (a Unix socket)."""
    client = ws.scope.get("client")
    return str(client[0]) if client else ""
