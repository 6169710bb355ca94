"""The encoding of WebSocket messages, for clients and servers."""

from __future__ import annotations

import json

from flyte_runtime.errors import InvalidMessage

__all__ = ["encoded"]


def encoded(message: object) -> str | bytes:
    """Return text and bytes unchanged, and other data as JSON text. Raises InvalidMessage if that is not possible."""
    if isinstance(message, (bytes, bytearray, memoryview)):
        return bytes(message)
    if isinstance(message, str):
        return message
    try:
        return json.dumps(message, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    except (TypeError, ValueError, RecursionError) as error:
        msg = f"a message of type {type(message).__name__} cannot be sent: {error}; pass text, bytes or plain JSON data"
        raise InvalidMessage(msg) from None
