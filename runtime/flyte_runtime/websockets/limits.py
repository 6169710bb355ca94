"""What one client may cost: one value, printable and comparable."""

from __future__ import annotations

from dataclasses import dataclass, fields

from flyte_runtime.errors import ServeError

__all__ = ["Limits"]

_MIB = 2**20


@dataclass(frozen=True)
class Limits:
    """What holds for each client of an app's WebSockets.

    queue, queue_bytes: messages that wait to be sent to it; what is shared by a broadcast counts for each client.
    stall_timeout: seconds that one message may take to be handed to its connection, and all of them when it closes.
    max_message: bytes of a message from it (UTF-8 for text). The server's own limit (uvicorn's `ws_max_size`) bounds
    what is read at all.
    rate, burst: messages a second that it may send in the long run, and at once; None for any number.
    inbox: messages from it that wait for the handler. Beyond it, nothing more is read until the handler takes one.
    Raises ServeError where a value is not above 0.
    """

    queue: int = 256
    queue_bytes: int = 8 * _MIB
    stall_timeout: float = 10.0
    max_message: int = 65_536
    rate: float | None = 50.0
    burst: int = 100
    inbox: int = 16

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if value is not None and not value > 0:
                msg = f"{field.name}={value!r} would let no client work: pass a number above 0"
                raise ServeError(msg)


def too_large(data: str | bytes, limit: int) -> bool:
    """Whether a message has more than `limit` bytes. Text is measured in UTF-8, counted only where it is near."""
    if isinstance(data, str) and len(data) <= limit < 4 * len(data):
        return len(data.encode("utf-8", "surrogatepass")) > limit
    return len(data) > limit
