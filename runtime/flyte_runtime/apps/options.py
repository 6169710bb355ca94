"""The keywords of a call and of a WebSocket, for type checkers and for readers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypedDict

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import httpx

    from flyte_runtime.apps.websocket import Resume

__all__ = ["CallOptions", "SocketOptions"]


class CallOptions(TypedDict, total=False):
    """httpx's own: params, headers, cookies, content, data, files, json (see `httpx.Request`). And:

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
