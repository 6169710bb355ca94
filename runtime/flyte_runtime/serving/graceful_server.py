"""uvicorn's server with a way down that drops nothing: not ready → drained → WebSockets closed → gone."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
import socket
import threading
import time
from collections.abc import Generator
from types import FrameType

import uvicorn
from uvicorn.server import HANDLED_SIGNALS

from flyte_runtime.errors import ServeError
from flyte_runtime.serving.address import cannot_listen, url_of
from flyte_runtime.serving.deadline import Deadline
from flyte_runtime.serving.lifespan import Lifespan
from flyte_runtime.serving.middleware import Readiness

__all__ = ["Server"]

_TICK = 0.05
# Seconds of the drain that are kept for WebSockets' handlers and the application's lifespan.
_LAST = 4.0
# Seconds after the drain, for what cannot be cancelled.
_OVER = 2.0


class Server(uvicorn.Server):
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

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        """Without uvicorn's end of it, which raises the signal again: nobody's exit handlers would run."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {number: signal.signal(number, self.handle_exit) for number in HANDLED_SIGNALS}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        if self._told is None:
            self._told = time.monotonic()
            self._deadline.begin(sig)
        super().handle_exit(sig, frame)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        def listen() -> None:
            for listener in sockets or ():
                listener.listen(self.config.backlog)  # uvloop, which does it again, would only log that it cannot

        self.lifespan = lifespan = Lifespan(self.config, listen)
        watching = asyncio.create_task(self._stop_the_start(lifespan))
        try:
            await super().startup(sockets)
        except SystemExit:  # uvicorn's way to say that the lifespan has failed
            if self.should_exit:
                return
            msg = "the application's lifespan has failed, so nothing is served: its error is in the log"
            raise ServeError(msg) from None
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
        while not self.should_exit:  # noqa: ASYNC110 - as in `_until`
            await asyncio.sleep(_TICK)
        lifespan.start_no_more()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        begun = time.monotonic()
        ends = (begun if self._told is None else self._told) + self._drain
        last = ends - min(_LAST, self._drain / 2)
        self._readiness.state = "draining"
        await self._until(begun + self._pause)
        for server in self.servers:
            server.close()
        await self._until(last, idle=True)
        # The rest: WebSocket handlers that take their time, and requests beyond the limit, which are cancelled.
        self.config.timeout_graceful_shutdown = max(1, round(last - time.monotonic()))
        self.lifespan.ends = ends
        await super().shutdown(sockets)

    async def _until(self, ends: float, *, idle: bool = False) -> None:
        """Until then, or with `idle` until no request is under way."""
        # Looked at, as uvicorn itself does it: a signal handler sets `force_exit`, in whatever moment.
        while time.monotonic() < ends and not self.force_exit and not (idle and not self._readiness.requests):  # noqa: ASYNC110
            await asyncio.sleep(_TICK)
