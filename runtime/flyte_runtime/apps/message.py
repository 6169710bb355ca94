"""What the WebSockets of both sides carry where they are given no bytes: text, or data as JSON text."""

from __future__ import annotations

import json
from typing import Any

from flyte_runtime.errors import InvalidMessage

__all__ = ["as_text"]


def as_text(message: Any) -> str:
    """The text of a message that is not bytes. Raises InvalidMessage where JSON cannot carry it."""
    if isinstance(message, str):
        return message
    try:
        return json.dumps(message, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    except (TypeError, ValueError, RecursionError) as error:
        msg = f"a message of type {type(message).__name__} cannot be sent: {error}; pass text, bytes or plain JSON data"
        raise InvalidMessage(msg) from None
