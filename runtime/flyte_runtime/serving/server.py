"""uvicorn's server with a way down that drops nothing: not ready → drained → WebSockets closed → gone."""

from __future__ import annotations

import asyncio
import socket
import time

import uvicorn

from flyte_runtime.serving.middleware import Readiness

__all__ = ["Server"]

_TICK = 0.05


class Server(uvicorn.Server):
    """Stops within `drain` seconds.

    1. `/readyz` says 503. For `pause` seconds everything is still taken, since proxies and Kubernetes' endpoints need
       that long to notice. Answers tell their clients to close the connection.
    2. No new connections; requests under way may finish.
    3. WebSockets are closed with 1012 (uvicorn's `shutdown`), then the application's lifespan ends.

    A second Ctrl+C skips what is left of it.
    """

    def __init__(self, config: uvicorn.Config, readiness: Readiness, *, drain: float, pause: float) -> None:
        super().__init__(config)
        self._readiness = readiness
        self._drain = drain
        self._pause = min(pause, drain)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._readiness.state = "ready"

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        ends = time.monotonic() + self._drain
        self._readiness.state = "draining"
        await self._until(time.monotonic() + self._pause)
        for server in self.servers:
            server.close()
        await self._until(ends, idle=True)
        # The rest: WebSocket handlers that take their time, and requests beyond the limit, which are cancelled.
        self.config.timeout_graceful_shutdown = max(1, round(ends - time.monotonic()))
        await super().shutdown(sockets)

    async def _until(self, ends: float, *, idle: bool = False) -> None:
        """Until then, or with `idle` until no request is under way."""
        # Looked at, as uvicorn itself does it: a signal handler sets `force_exit`, in whatever moment.
        while time.monotonic() < ends and not self.force_exit and not (idle and not self._readiness.requests):  # noqa: ASYNC110
            await asyncio.sleep(_TICK)
