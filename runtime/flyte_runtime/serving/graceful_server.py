"""A uvicorn server that stops without losing requests."""

from __future__ import annotations

import asyncio
import logging
import socket
import time
from collections.abc import Callable, Sequence

import uvicorn

from flyte_runtime.errors import ServeError
from flyte_runtime.serving.address import cannot_listen, has_pending, url_of
from flyte_runtime.serving.deadline import Deadline
from flyte_runtime.serving.lifespan import Lifespan
from flyte_runtime.serving.middleware import Readiness
from flyte_runtime.serving.small_reads import SmallReads
from flyte_runtime.serving.stop_times import StopTimes
from flyte_runtime.serving.uvicorn_internals import SignalledServer, WebSocketConnection

__all__ = ["Server"]

# Seconds between two checks of a condition.
_TICK = 0.05
# Seconds after the drain until the process is ended, if something could not be cancelled.
_OVER = 2.0
# Seconds that a connection must be idle before it is closed, because a client may send its next request right after it
# has read an answer. On the local platform the client is the platform's proxy, which does not do that.
_REST = 1.0


class Server(SignalledServer):
    """A server that stops within `times.drain` seconds after the signal, in three steps.

    1. `/readyz` answers 503. The server still takes all requests for `times.delay` seconds, because proxies and
       Kubernetes' endpoints need that long to notice. Its answers tell clients to close their connections. If requests
       still come after the delay, no other process has taken over yet, so the server goes on until `times.requests`.
    2. Running requests may finish. The server closes a connection only if it is idle and has no unread bytes, because a
       request that arrives while its connection is closed would be lost.
    3. WebSockets are closed with 1012. Then the application's lifespan ends.

    New connections are taken until step 2. With a delay, they are taken until closed WebSockets do not come back: the
    clients connect again at once, and reach this process again if no other one has taken over yet.

    Work that takes longer is cancelled. If something cannot be cancelled (a thread, a blocked event loop), the process
    is ended two seconds later (`Deadline`). A signal during the start cancels the start. A second Ctrl+C skips the
    remaining steps. `run` returns after all this; uvicorn would raise the signal again.
    """

    def __init__(self, config: uvicorn.Config, readiness: Readiness, times: StopTimes) -> None:
        super().__init__(config)
        self._readiness = readiness
        self._times = times
        self._deadline = Deadline(times.drain + _OVER)
        self._rest = min(_REST, times.delay)
        self._told_at: float | None = None

    def run(self, sockets: list[socket.socket] | None = None) -> None:
        """Serve on `sockets` until told to stop. Raises ServeError if the application does not start."""
        with self._deadline:
            super().run(sockets)

    def told_to_stop(self, number: int) -> None:
        if self._told_at is None:
            self._told_at = time.monotonic()
            self._deadline.begin(number)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        def listen() -> None:
            for listener in sockets or ():
                listener.listen(self.config.backlog)  # uvloop would only log an error, not raise it

        self._lifespan = lifespan = Lifespan(self.config, listen)
        watching = asyncio.create_task(self._abandon_start_when_told(lifespan))
        try:
            if not await self.start_with(lifespan, sockets):
                if self.is_told_to_stop():
                    return
                msg = "the application's lifespan has failed, so nothing is served: its error is in the log"
                raise ServeError(msg)
        except OSError as error:  # another process has started to listen on the port meanwhile
            lifespan.shutdown_limit = time.monotonic() + self._times.drain
            await lifespan.shutdown()
            raise cannot_listen(self.config.host, self.config.port, error) from error
        finally:
            watching.cancel()
        where = ", ".join(map(url_of, sockets or ()))
        logging.getLogger("uvicorn.error").info("Uvicorn running on %s (Press CTRL+C to quit)", where)
        self._readiness.state = "ready"

    async def _abandon_start_when_told(self, lifespan: Lifespan) -> None:
        await asyncio.sleep(_TICK)
        while not self.is_told_to_stop():  # noqa: ASYNC110 - as in `_until`
            await asyncio.sleep(_TICK)
        lifespan.abandon_start()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        begun = time.monotonic() if self._told_at is None else self._told_at
        requests_end = begun + self._times.requests
        self._readiness.state = "draining"
        await self._until(min(begun + self._times.delay, requests_end))
        await self._until(requests_end, lambda: self._is_left_alone() and not has_pending(sockets or ()))
        if self._rest:
            await self._hand_over_websockets(requests_end, sockets or ())
        self.stop_listening()
        await self._until(requests_end, self._close_idle)
        # WebSocket handlers may still run, and requests beyond the limit, which uvicorn cancels.
        self._lifespan.shutdown_limit = begun + self._times.drain
        await self.stop_within(requests_end - time.monotonic(), sockets)

    async def _hand_over_websockets(self, limit: float, sockets: Sequence[socket.socket]) -> None:
        """Close the WebSockets after the requests have ended, again and again, until no client reconnects."""
        pause = self._rest
        while time.monotonic() < limit and not self.is_forced_to_stop():
            await self._until(limit, self._close_idle)
            opened = [each for each in self.protocols() if isinstance(each, WebSocketConnection) and each.is_open()]
            if not opened and not has_pending(sockets):
                return
            for websocket in opened:
                websocket.restart()
            await self._until(min(time.monotonic() + pause, limit))
            pause *= 2

    def _is_left_alone(self) -> bool:
        """Check that no request has come for a while, which means that other processes get them."""
        return time.monotonic() - self._readiness.latest >= self._rest

    def _close_idle(self) -> bool:
        """Close idle HTTP connections. Return True if no HTTP connection or request is left."""
        connections = [each for each in self.protocols() if isinstance(each, SmallReads)]
        for connection in connections:
            connection.close_if_idle(self._rest)
        return not connections and not self._readiness.requests

    async def _until(self, limit: float, done: Callable[[], bool] = lambda: False) -> None:
        """Wait until `limit` on time.monotonic()'s clock, or until `done` returns True."""
        # It polls, as uvicorn does, because a signal handler may set `force_exit` at any moment.
        while time.monotonic() < limit and not self.is_forced_to_stop() and not done():  # noqa: ASYNC110
            await asyncio.sleep(_TICK)
