"""The keywords of a call and of a WebSocket, for type checkers and for readers, and what a WebSocket's may be."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypedDict

from flyte_runtime.errors import InvalidCall

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import httpx

__all__ = ["CallOptions", "Resume", "SocketOptions", "check_header", "check_seconds", "is_seconds"]

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # RFC 9110 §5.6.2

# A function that returns the message to send, at once or awaited; None for none.
Resume = Callable[[], object]


class CallOptions(TypedDict, total=False):
    """httpx's own: params, headers, cookies, content, data, files, json (see `httpx.Request`). `content` may be a file,
    an iterator or an asynchronous one, whether the call is awaited or not; once it was begun, it is not sent again, and
    what it raises comes out as it is. And:

    timeout: seconds for the whole call, all attempts included; the edge's, where not given. An `httpx.Timeout` limits
        each attempt instead (connect and read); the whole keeps the edge's limit.
    retries: further attempts after the first; the edge's, where not given.
    idempotency_key: not empty; sent as `Idempotency-Key`; makes a call of any method safe to try again.
    """

    params: Any
    headers: Any
    cookies: Any
    content: Any
    data: Any
    files: Any
    json: Any
    timeout: float | httpx.Timeout | None
    retries: int | None
    idempotency_key: str | None


class SocketOptions(TypedDict, total=False):
    """See `flyte_runtime.websockets.WebSocket`. Times are seconds."""

    resume: Resume | None
    headers: Mapping[str, str] | None
    subprotocols: Sequence[str] | None
    timeout: float | None
    reconnect: float
    heartbeat: float
    max_message: int


def is_seconds(value: Any) -> bool:
    """Whether it is a limit that something can end at: finite, and above 0."""
    return isinstance(value, (int, float)) and 0 < value < math.inf


def check_seconds(name: str, value: Any, *, zero: bool = False, forever: bool = False) -> None:
    """Raises InvalidCall where `value` is neither None nor seconds above 0, or 0 or math.inf where that may be."""
    if value is None or is_seconds(value) or (zero and value == 0) or (forever and value == math.inf):
        return
    msg = f"{name}={value!r}: expected seconds, {'0 or more' if zero else 'above 0'}"
    raise InvalidCall(msg)


def check_header(name: Any, value: Any) -> None:
    """Raises InvalidCall where they make no header (RFC 9110 §5.5). The value, which may be a secret, is not quoted."""
    if not _TOKEN.fullmatch(str(name)):
        msg = f"headers: {name!r} is no header's name"
        raise InvalidCall(msg)
    if any(char in str(value) for char in "\r\n\0"):
        msg = f"headers: the value of {name!r} has a line break or a NUL character in it"
        raise InvalidCall(msg)
