"""What `rt.app(alias).websocket(path, …)` may say. For type checkers; never imported at run time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypedDict

from flyte_runtime.websockets.client import Resume


class SocketOptions(TypedDict, total=False):
    """See `flyte_runtime.websockets.WebSocket`. Times are seconds."""

    resume: Resume | None
    headers: Mapping[str, str] | None
    subprotocols: Sequence[str] | None
    timeout: float | None
    reconnect: float
    heartbeat: float
    max_message: int
