"""A message as it goes out: encoded once, however many clients get it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flyte_runtime.apps.message import encoded
from flyte_runtime.errors import InvalidMessage

__all__ = ["Payload"]


@dataclass(frozen=True)
class Payload:
    """An ASGI event, shared by all who get it, and the bytes that it holds."""

    event: dict[str, Any]
    size: int

    @classmethod
    def of(cls, message: Any) -> Payload:
        """Text as text, bytes as bytes, anything else as JSON text. Raises InvalidMessage where it is none of them."""
        data = encoded(message)
        if isinstance(data, bytes):
            return cls({"type": "websocket.send", "bytes": data}, len(data))
        try:
            size = len(data.encode())
        except UnicodeEncodeError as error:
            # One lone surrogate would fail in every client's connection instead of here.
            msg = f"the message cannot be sent: {error.object[error.start]!r} is no character that UTF-8 can carry"
            raise InvalidMessage(msg) from None
        return cls({"type": "websocket.send", "text": data}, size)
