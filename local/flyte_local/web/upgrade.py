"""Brings a request for a WebSocket to the proxy: as an HTTP request with an offer in its scope.

To refuse the WebSocket, answer the request like any other. To accept it, give the head of the answer to the offer,
together with the protocol that continues on the connection.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable

from starlette.types import Scope

from flyte_local.web.asgi import Header


class NextProtocol(asyncio.Protocol):
    """The protocol that continues on a connection."""

    def shutdown(self) -> None:
        """Called when the server ends."""
        raise NotImplementedError


Offer = Callable[[bytes, NextProtocol], bool]
"""Called with the head of the answer and what comes after it; False where the client has left."""

ASKED_FOR: list[Header] = [(b"connection", b"Upgrade"), (b"upgrade", b"websocket")]
"""The headers with which the proxy asks an app for a WebSocket. Both hold for one connection only."""
_EXTENSION = "flyte_local.web.upgrade"


def put_offer(scope: Scope, offered: Offer) -> None:
    """Put an offer into a request's scope (an extension in the sense of ASGI)."""
    scope["extensions"] = {_EXTENSION: offered}


def offer(scope: Scope) -> Offer | None:
    """Return the request's offer, or None if the client does not ask for a WebSocket."""
    return scope.get("extensions", {}).get(_EXTENSION)  # type: ignore[no-any-return]


def switched(headers: Iterable[Header]) -> bytes:
    """Return the answer to a request for a WebSocket (RFC 6455 §4.2.2), with the app's headers."""
    lines = b"".join(b"%b: %b\r\n" % pair for pair in headers)
    return b"HTTP/1.1 101 Switching Protocols\r\nconnection: Upgrade\r\nupgrade: websocket\r\n%b\r\n" % lines
