"""uvicorn's server with a way down that drops nothing: not ready → drained → WebSockets closed → gone."""

from __future__ import annotations

import asyncio
import logging
import socket
import time

import uvicorn

from flyte_runtime.errors import ServeError
from flyte_runtime.serving.address import cannot_listen, url_of
from flyte_runtime.serving.deadline import Deadline
from flyte_runtime.serving.lifespan import Lifespan
from flyte_runtime.serving.middleware import Readiness
from flyte_runtime.serving.uvicorn_internals import SignalledServer

__all__ = ["Server"]

_TICK = 0.05
# Seconds of the drain that are kept for WebSockets' handlers and the application's lifespan.
_LAST = 4.0
# Seconds after the drain, for what cannot be cancelled.
_OVER = 2.0


class Server(SignalledServer):
    """Stops within `drain` seconds of the signal, and then returns: uvicorn would die of the signal in the end.

    1. `/readyz` says 503. For `pause` seconds everything is still taken, since proxies and Kubernetes' endpoints need
       that long to notice. Answers tell their clients to close the connection.
    2. No new connections; requests under way may finish.
    3. WebSockets are closed with 1012 (uvicorn's `shutdown`), then the application's lifespan ends.

    What takes longer is cancelled. What cannot be cancelled, a thread or a blocked event loop, ends with the process
    two seconds later (`Deadline`). A start that is under way is cancelled at once. A second Ctrl+C skips what is left.
    """

    def __init__(self, config: uvicorn.Config, readiness: Readiness, *, drain: float, pause: float) -> None:
        super().__init__(config)
        self._readiness = readiness
        self._drain = drain
        self._pause = min(pause, drain)
        self._deadline = Deadline(drain + _OVER)
        self._told: float | None = None

    def run(self, sockets: list[socket.socket] | None = None) -> None:
        """Serve on `sockets` until told to stop. Raises ServeError where the application does not start."""
        with self._deadline:
            super().run(sockets)

    def told_to_stop(self, number: int) -> None:
        if self._told is None:
            self._told = time.monotonic()
            self._deadline.begin(number)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        def listen() -> None:
            for listener in sockets or ():
                listener.listen(self.config.backlog)  # uvloop, which does it again, would only log that it cannot

        self._lifespan = lifespan = Lifespan(self.config, listen)
        watching = asyncio.create_task(self._stop_the_start(lifespan))
        try:
            if not await self.start_with(lifespan, sockets):
                if self.is_told_to_stop():
                    return
                msg = "the application's lifespan has failed, so nothing is served: its error is in the log"
                raise ServeError(msg)
        except OSError as error:  # somebody else listens since
            lifespan.ends = time.monotonic() + self._drain
            await lifespan.shutdown()
            raise cannot_listen(self.config.host, self.config.port, error) from error
        finally:
            watching.cancel()
        where = ", ".join(map(url_of, sockets or ()))
        logging.getLogger("uvicorn.error").info("Uvicorn running on %s (Press CTRL+C to quit)", where)
        self._readiness.state = "ready"

    async def _stop_the_start(self, lifespan: Lifespan) -> None:
        await asyncio.sleep(_TICK)
        while not self.is_told_to_stop():  # noqa: ASYNC110 - as in `_until`
            await asyncio.sleep(_TICK)
        lifespan.start_no_more()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        begun = time.monotonic()
        ends = (begun if self._told is None else self._told) + self._drain
        last = ends - min(_LAST, self._drain / 2)
        self._readiness.state = "draining"
        await self._until(begun + self._pause)
        self.stop_listening()
        await self._until(last, idle=True)
        # The rest: WebSocket handlers that take their time, and requests beyond the limit, which are cancelled.
        self._lifespan.ends = ends
        await self.stop_within(last - time.monotonic(), sockets)

    async def _until(self, ends: float, *, idle: bool = False) -> None:
        """Until then, or with `idle` until no request is under way."""
        # Looked at, as uvicorn itself does it: a signal handler sets `force_exit`, in whatever moment.
        while time.monotonic() < ends and not self.is_forced_to_stop() and not (idle and not self._readiness.requests):  # noqa: ASYNC110
            await asyncio.sleep(_TICK)
