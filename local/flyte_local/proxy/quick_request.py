"""A short request that is sent to an app at once: without a task, on a connection that is open already.

Most answers are complete with the first bytes that arrive, and are handed on in one piece. Any other answer (slow or
streamed, without a length, or cut off) is left to `http.forward`, which goes on from here.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from http import HTTPStatus

from flyte_local.apps.app import ManagedApp
from flyte_local.apps.replica import Replica
from flyte_local.proxy.http import Passage
from flyte_local.proxy.upstream import BrokenOff, Connection, Upstream
from flyte_local.web.asgi import Application, Scope


@dataclass(slots=True)
class Route:
    """Where a request goes; `go_on` takes over what was sent, counters included."""

    app: ManagedApp
    replica: Replica
    passage: Passage
    go_on: Callable[[Route], Application]


class QuickRequest:
    """`answered` is called with the whole answer, or `otherwise` where there is more to it; one of them, once."""

    __slots__ = ("_answered", "_connection", "_loop", "_otherwise", "_upstream", "at", "body", "route", "scope")

    def __init__(
        self,
        upstream: Upstream,
        connection: Connection,
        route: Route,
        scope: Scope,
        framing: bytes,
        body: bytes,
    ) -> None:
        self.route = route
        self.scope = scope
        self.body = body
        self._upstream = upstream
        self._connection = connection
        route.passage.sent_on = connection
        self._loop = loop = asyncio.get_running_loop()
        self.at = loop.time()
        route.app.meter.begin(self.at)
        route.replica.in_flight += 1
        connection.send(b"".join((*route.passage.head, framing, b"\r\n", body)), only_head=False)

    def listen(self, answered: Callable[[bytes], None], otherwise: Callable[[], None]) -> None:
        """Nothing is missed before: it comes with the event loop's next turn at the earliest."""
        self._answered = answered
        self._otherwise = otherwise
        self._connection.heard = self._heard

    def go_on(self) -> Application:
        """Ends the short way: the rest is an ASGI application."""
        self._connection.heard = None
        return self.route.go_on(self.route)

    def forget(self) -> None:
        """The client has left."""
        self._connection.heard = None
        self._connection.fail(BrokenOff("the client left"))
        self._end()

    def _heard(self) -> None:
        answer = _whole_answer(self._connection, self.route.passage)
        if answer is None:
            self._otherwise()
            return
        self._connection.heard = None
        self._upstream.keep(self._connection)
        self._end()
        self._answered(answer)

    def _end(self) -> None:
        self.route.replica.in_flight -= 1
        self.route.app.meter.end(self._loop.time())


def _whole_answer(connection: Connection, passage: Passage) -> bytes | None:
    """The answer as the client gets it; None where it is not complete, or not framed by its length."""
    if not connection.complete or connection.closed:
        return None
    pieces = [_status_line(connection.status)]
    has_length = False
    for name, value in passage.response_headers(connection.headers):
        pieces += (name, b": ", value, b"\r\n")
        has_length |= name == b"content-length"
    if not has_length:
        return None
    pieces += (b"\r\n", connection.taken())
    return b"".join(pieces)


@cache
def _status_line(status: int) -> bytes:
    try:
        phrase = HTTPStatus(status).phrase
    except ValueError:  # an app may make one up
        phrase = ""
    return f"HTTP/1.1 {status} {phrase}\r\n".encode()
