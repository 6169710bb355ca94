"""uvicorn's server with a way down that drops nothing: not ready → drained → WebSockets closed → gone."""

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

_TICK = 0.05
# Seconds after the drain, for what cannot be cancelled.
_OVER = 2.0
# Seconds for which a connection has to be idle before it is closed: a client that has just read an answer may send its
# next request at once. The other end of a process on the local platform is the platform's proxy, which does not.
_REST = 1.0


class Server(SignalledServer):
    """Stops within `times.drain` seconds of the signal, and then returns: uvicorn would die of the signal in the end.

    1. `/readyz` says 503. For `times.delay` seconds everything is still taken, since proxies and Kubernetes' endpoints
       need that long to notice. Answers tell their clients to close the connection. Where requests still come then,
       nobody has taken over yet, and they are taken for as long as requests may go on.
    2. Requests under way may finish. A connection is closed when it is idle and nothing has come that is not read yet:
       a request on a connection that is just being closed would be lost.
    3. WebSockets are closed with 1012, then the application's lifespan ends.

    New connections are taken until 2. With a delay they are taken until WebSockets that were closed have not come back:
    their clients open another one at once, and where nobody has taken over yet, it is led here again.

    What takes longer is cancelled. What cannot be cancelled, a thread or a blocked event loop, ends with the process
    two seconds later (`Deadline`). A start that is under way is cancelled at once. A second Ctrl+C skips what is left.
    """

    def __init__(self, config: uvicorn.Config, readiness: Readiness, times: StopTimes) -> None:
        super().__init__(config)
        self._readiness = readiness
        self._times = times
        self._deadline = Deadline(times.drain + _OVER)
        self._rest = min(_REST, times.delay)
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
            lifespan.ends = time.monotonic() + self._times.drain
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
        begun = time.monotonic() if self._told is None else self._told
        last = begun + self._times.requests
        self._readiness.state = "draining"
        await self._until(min(begun + self._times.delay, last))
        await self._until(last, lambda: self._is_left_alone() and not has_pending(sockets or ()))
        if self._rest:
            await self._hand_over_websockets(last, sockets or ())
        self.stop_listening()
        await self._until(last, self._is_idle)
        # The rest: WebSocket handlers that take their time, and requests beyond the limit, which are cancelled.
        self._lifespan.ends = begun + self._times.drain
        await self.stop_within(last - time.monotonic(), sockets)

    async def _hand_over_websockets(self, last: float, sockets: Sequence[socket.socket]) -> None:
        """Close WebSockets, once requests are done, until none comes back. Each time they stand longer before that."""
        pause = self._rest
        while time.monotonic() < last and not self.is_forced_to_stop():
            await self._until(last, self._is_idle)
            opened = [each for each in self.protocols() if isinstance(each, WebSocketConnection) and each.is_open()]
            if not opened and not has_pending(sockets):
                return
            for websocket in opened:
                websocket.restart()
            await self._until(min(time.monotonic() + pause, last))
            pause *= 2

    def _is_left_alone(self) -> bool:
        """Check that no request has come for a while: other processes get them."""
        return time.monotonic() - self._readiness.latest >= self._rest

    def _is_idle(self) -> bool:
        """Close the connections that have nothing to do. Check that none is left, WebSockets apart."""
        connections = [each for each in self.protocols() if isinstance(each, SmallReads)]
        for connection in connections:
            connection.close_if_idle(self._rest)
        return not connections and not self._readiness.requests

    async def _until(self, ends: float, done: Callable[[], bool] = lambda: False) -> None:
        """Wait until then, or until it is done."""
        # Looked at, as uvicorn itself does it: a signal handler sets `force_exit`, in whatever moment.
        while time.monotonic() < ends and not self.is_forced_to_stop() and not done():  # noqa: ASYNC110
            await asyncio.sleep(_TICK)
