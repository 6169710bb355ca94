"""The interface of a server's WebSocket object, which those of Starlette and FastAPI have. Imports neither."""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Any, Protocol

__all__ = ["ServerSocket", "address_of", "is_accepted"]


class ServerSocket(Protocol):
    """A WebSocket connection: its ASGI scope and its events."""

    @property
    def scope(self) -> MutableMapping[str, Any]:
        """The ASGI `websocket` scope of the connection."""

    async def accept(self, subprotocol: str | None = None) -> None:
        """Accept the handshake."""

    async def receive(self) -> MutableMapping[str, Any]:
        """Wait for the next ASGI event from the client."""

    async def send(self, message: MutableMapping[str, Any], /) -> None:
        """Send an ASGI event to the client."""


def is_accepted(ws: ServerSocket) -> bool:
    """Check whether the handler has already accepted the connection (Starlette's `application_state`)."""
    return getattr(getattr(ws, "application_state", None), "name", "") == "CONNECTED"


def address_of(ws: ServerSocket) -> str:
    """Return the client's address as the server sees it, or an empty text for a Unix socket."""
    client = ws.scope.get("client")
    return str(client[0]) if client else ""
