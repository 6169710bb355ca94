"""The keyword arguments of a call and of a WebSocket, and the checks of a WebSocket's arguments."""

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

# A function, plain or async, that returns the message to send, or None to send nothing.
Resume = Callable[[], object]


class CallOptions(TypedDict, total=False):
    """The keyword arguments of a call.

    params, headers, cookies, content, data, files, json: as in `httpx.Request`. `content` may also be a file, an
        iterator or an async iterator. If reading it raises an error, the caller gets that error. A body that was read
        in part is not sent again.
    timeout: seconds for the whole call, all attempts included. Default: the edge's. An `httpx.Timeout` limits each
        attempt instead (connect and read); the edge's limit still holds for the whole call.
    retries: the number of further attempts after the first. Default: the edge's.
    idempotency_key: sent as `Idempotency-Key`. With it, a call of any method is safe to repeat. Not empty.
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
    """The keyword arguments of `flyte_runtime.websockets.WebSocket`. Times are in seconds."""

    resume: Resume | None
    headers: Mapping[str, str] | None
    subprotocols: Sequence[str] | None
    timeout: float | None
    reconnect: float
    heartbeat: float
    max_message: int


def is_seconds(value: Any) -> bool:
    """Check that `value` is a time limit: a finite number of seconds above 0."""
    return isinstance(value, (int, float)) and 0 < value < math.inf


def check_seconds(name: str, value: Any, *, zero: bool = False, forever: bool = False) -> None:
    """Check for seconds above 0, or None. `zero` also allows 0, `forever` math.inf. Raises InvalidCall."""
    if value is None or is_seconds(value) or (zero and value == 0) or (forever and value == math.inf):
        return
    msg = f"{name}={value!r}: expected seconds, {'0 or more' if zero else 'above 0'}"
    raise InvalidCall(msg)


def check_header(name: Any, value: Any) -> None:
    """Check a header (RFC 9110 §5.5). Raises InvalidCall, which never quotes the value: it may be a secret."""
    if not _TOKEN.fullmatch(str(name)):
        msg = f"headers: {name!r} is not a valid header name"
        raise InvalidCall(msg)
    if any(char in str(value) for char in "\r\n\0"):
        msg = f"headers: the value of {name!r} contains a line break or a NUL character"
        raise InvalidCall(msg)
