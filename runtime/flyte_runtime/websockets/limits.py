"""The limits for each client of an app's WebSockets."""

from __future__ import annotations

from dataclasses import dataclass, fields

from flyte_runtime.errors import ServeError

__all__ = ["Limits"]

_MIB = 2**20


@dataclass(frozen=True)
class Limits:
    """The limits for each client of an app's WebSockets.

    queue, queue_bytes: the most messages and bytes that wait to be sent to the client. A broadcast message counts for
        each client, although its bytes are shared.
    stall_timeout: the seconds within which the connection must accept one message. At the close it is the time limit
        for all messages.
    max_message: the largest message from the client, in bytes (UTF-8 for text). The server has its own limit (uvicorn's
        `ws_max_size`).
    rate, burst: the messages that the client may send per second, and at once. A rate of None means no limit.
    inbox: the most messages from the client that wait for the handler. If there are more, reading stops until the
        handler takes one.

    Raises ServeError if a value is not above 0.
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
                msg = f"{field.name}={value!r} would block every client: pass a number above 0"
                raise ServeError(msg)


def too_large(data: str | bytes, limit: int) -> bool:
    """Check whether a message has more than `limit` bytes. Text is encoded only if its length does not decide it."""
    if isinstance(data, str) and len(data) <= limit < 4 * len(data):
        return len(data.encode("utf-8", "surrogatepass")) > limit
    return len(data) > limit
