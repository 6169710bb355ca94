"""A message that is encoded once and sent to many clients."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flyte_runtime.apps.message import encoded
from flyte_runtime.errors import InvalidMessage

__all__ = ["Payload"]


@dataclass(frozen=True)
class Payload:
    """An ASGI event, which all receivers share, and its size in bytes."""

    event: dict[str, Any]
    size: int

    @classmethod
    def of(cls, message: Any) -> Payload:
        """Return the payload for text, bytes or JSON data. Raises InvalidMessage for anything else."""
        data = encoded(message)
        if isinstance(data, bytes):
            return cls({"type": "websocket.send", "bytes": data}, len(data))
        try:
            size = len(data.encode())
        except UnicodeEncodeError as error:
            # Otherwise a lone surrogate would fail later, in the connection of every client.
            msg = f"the message cannot be sent: UTF-8 cannot encode the character {error.object[error.start]!r}"
            raise InvalidMessage(msg) from None
        return cls({"type": "websocket.send", "text": data}, size)
