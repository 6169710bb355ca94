"""The parts of ASGI that several modules use."""

from __future__ import annotations

import json
from collections.abc import Iterable

from starlette.types import Receive, Scope, Send

Header = tuple[bytes, bytes]


def header(scope: Scope, name: bytes) -> str | None:
    """Return a request header's (first) value; `name` in lower case."""
    for header_name, value in scope["headers"]:
        if header_name == name:
            return value.decode("latin-1")  # type: ignore[no-any-return]
    return None


async def read_body(receive: Receive, limit: int = 1 << 20) -> bytes:
    """Return the request's body. Raises ValueError beyond `limit` bytes."""
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] != "http.request":
            raise ValueError("the client left before it had sent its request")
        body += message.get("body", b"")
        if len(body) > limit:
            raise ValueError(f"the body is larger than {limit} bytes")
        if not message.get("more_body"):
            return bytes(body)


async def respond(send: Send, status: int, body: bytes, content_type: str, headers: Iterable[Header] = ()) -> None:
    """Send a whole response."""
    standard = [
        (b"content-type", content_type.encode("latin-1")),
        (b"content-length", str(len(body)).encode()),
        (b"x-content-type-options", b"nosniff"),
    ]
    await send({"type": "http.response.start", "status": status, "headers": [*standard, *headers]})
    await send({"type": "http.response.body", "body": body})


async def respond_json(send: Send, status: int, content: object, headers: Iterable[Header] = ()) -> None:
    """Send a JSON response."""
    await respond(send, status, json.dumps(content).encode(), "application/json", headers)


async def respond_error(send: Send, status: int, message: str, headers: Iterable[Header] = ()) -> None:
    """Send a JSON error: `{"error": "<one sentence>"}`."""
    await respond_json(send, status, {"error": message}, headers)


def raw_path(scope: Scope) -> str:
    """Return the path as it was sent, still percent-encoded."""
    raw = scope.get("raw_path")
    return raw.decode("latin-1") if raw else str(scope["path"])
