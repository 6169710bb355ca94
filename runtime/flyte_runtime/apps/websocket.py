"""`rt.app(alias).websocket(path)`: a WebSocket to a wired app that is opened again when it is lost."""

from __future__ import annotations

import asyncio
import inspect
import json
import time
from collections import deque
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import cache
from typing import TYPE_CHECKING, Any

from flyte_runtime.apps.edge import credential_of, join
from flyte_runtime.apps.message import encoded
from flyte_runtime.apps.options import check_header, check_seconds
from flyte_runtime.apps.reconnect import STABLE, is_final, pause_before
from flyte_runtime.apps.retry import RETRYABLE_STATUSES, retry_after
from flyte_runtime.errors import CallFailed, CallTimedOut, InvalidCall, SocketClosed, SocketRefused
from flyte_runtime.event_loop import pacing
from flyte_runtime.observability import tracing

try:
    from websockets.asyncio.client import ClientConnection, connect
    from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus, InvalidURI
    from websockets.protocol import State
except ImportError:
    msg = "WebSockets need the 'websockets' package in this image: pip install websockets"
    raise InvalidCall(msg) from None

if TYPE_CHECKING:
    from types import TracebackType

    from typing_extensions import Self

    from flyte_runtime.apps.options import Resume
    from flyte_runtime.apps.wired_app import WiredApp

__all__ = ["WebSocket"]

# Seconds to open a connection, where neither the call nor the edge says so; attempts and pauses included.
OPEN = 30.0


class WebSocket:
    """A WebSocket to a wired app.

        async with rt.app("feed").websocket("/live", resume=lambda: {"after": last}) as ws:
            await ws.send({"subscribe": "prices"})
            async for message in ws:
                last = json.loads(message)["id"]

    - Opened within `timeout` seconds, with attempts in between where the app is starting or restarting.
    - Opened again, with full jitter, when it is lost: connections are cut by proxies (Knative after 300 s at the
      latest) and by restarts. After `reconnect` seconds without one that stood, CallFailed, which says
      why the last one failed; 0 opens none again, `math.inf` never gives up.
    - `resume` is called after each reopening; what it returns (awaited where it has to be) is the first message sent.
      What was under way when a connection was lost is lost, in both directions: say there what was seen last.
    - Closed by the app with 1000: iteration ends. With a code that another attempt would not change (1008, 1009,
      3000 and above …): SocketClosed.
    - A ping every `heartbeat` seconds; a connection that gives no answer for as long is lost.
    - Carries the edge's credential, read anew for each attempt, and the trace of the request being served.
    - Follows no redirect and uses no proxy of the environment.
    """

    def __init__(
        self,
        app: WiredApp,
        path: str = "",
        *,
        resume: Resume | None = None,
        headers: Mapping[str, str] | None = None,
        subprotocols: Sequence[str] | None = None,
        timeout: float | None = None,
        reconnect: float = 60.0,
        heartbeat: float = 20.0,
        max_message: int = 2**20,
    ) -> None:
        check_seconds("timeout", timeout)
        check_seconds("reconnect", reconnect, zero=True, forever=True)
        check_seconds("heartbeat", heartbeat)
        self._app = app
        self._path = path
        self._resume = resume
        self._headers = dict(headers or {})
        self._timeout = timeout
        self._reconnect = reconnect
        self._options: dict[str, Any] = {
            "subprotocols": subprotocols,
            "ping_interval": heartbeat,
            "ping_timeout": heartbeat,
            "close_timeout": 5,
            "max_size": max_message,
            "proxy": None,
        }
        self._connection: ClientConnection | None = None
        self._since = 0.0
        self._heard = False
        self._failures = 0
        self._in_trouble_since: float | None = None
        self._problem: Exception | None = None
        self._early: deque[str | bytes] = deque()
        self._receiving = False
        self._end: SocketClosed | None = None
        self._opening = asyncio.Lock()

    def __repr__(self) -> str:
        return f"{self._app!r}.websocket({self._path!r})"

    @property
    def subprotocol(self) -> str | None:
        """What the app has chosen of `subprotocols`."""
        return self._connection.subprotocol if self._connection is not None else None

    async def __aenter__(self) -> Self:
        limit = self._timeout if self._timeout is not None else self._app.input.timeout
        self._connection = await self._open(OPEN if limit is None else limit)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> str | bytes:
        try:
            return await self._receive()
        except SocketClosed as closed:
            if closed.code == 1000:
                raise StopAsyncIteration from None
            raise

    async def recv(self, timeout: float | None = None) -> str | bytes:
        """The next message, text or bytes. Raises CallTimedOut after `timeout` seconds, SocketClosed, CallFailed."""
        check_seconds("timeout", timeout, zero=True)
        try:
            async with pacing.deadline(timeout):
                return await self._receive()
        except CallFailed:
            raise
        except TimeoutError:
            raise self._failure(CallTimedOut, f"sent no message within {timeout:g} s") from None

    async def recv_json(self, timeout: float | None = None) -> Any:
        """The next message's JSON value. Raises as `recv` does, and ValueError where it is no JSON."""
        return json.loads(await self.recv(timeout))

    async def send(self, message: object) -> None:
        """Send text, bytes or JSON data, through a new connection where the last one is lost. It is sent once at most.

        Raises InvalidMessage, SocketClosed, CallFailed.
        """
        data = encoded(message)
        while True:
            connection = self._current()
            if connection.state is State.OPEN:
                # Lost in the middle, it is like one that was lost a moment later.
                with suppress(ConnectionClosed):
                    await connection.send(data)
                return
            await self._after(connection)

    async def close(self, code: int = 1000, reason: str = "") -> None:
        """Close it for good. Nothing happens where it is closed already."""
        if self._end is None:
            self._end = SocketClosed(f"{self!r} was closed here", code=1000, reason=reason)
        if self._connection is not None:
            await self._connection.close(code, reason)

    def _current(self) -> ClientConnection:
        if self._connection is None:
            msg = f"{self!r} is not open: use it in `async with`"
            raise InvalidCall(msg)
        return self._connection

    async def _receive(self) -> str | bytes:
        while True:
            if self._early:
                return self._early.popleft()
            connection = self._current()
            self._receiving = True
            try:
                message = await connection.recv()
            except ConnectionClosed:
                pass
            else:
                self._heard = True
                return message
            finally:
                self._receiving = False
            try:
                await self._after(connection)
            except SocketClosed:
                if not self._early:
                    raise

    async def _after(self, lost: ClientConnection) -> None:
        """See that another connection follows `lost`. Raises SocketClosed, and CallFailed where none can be had."""
        async with self._opening:
            if self._connection is not lost:
                return
            await lost.wait_closed()
            while self._receiving:  # noqa: ASYNC110 - it has its message or its error after this turn of the loop
                await asyncio.sleep(0)
            try:  # what has come and was not fetched would go with the connection
                while True:
                    self._early.append(await lost.recv())
            except ConnectionClosed as closed:
                self._problem = closed
            if self._end is None and (is_final(code := lost.close_code or 1006) or not self._reconnect):
                reason = lost.close_reason or ""
                said = f"{reason!r}" if reason else "no reason given"
                self._end = SocketClosed(f"{self!r} was closed with {code}: {said}", code=code, reason=reason)
            if self._end is not None:
                raise self._end
            if self._heard or time.monotonic() - self._since >= STABLE:
                self._failures, self._in_trouble_since = 0, None
            self._connection = await self._open(self._reconnect, again=True)

    async def _open(self, limit: float, *, again: bool = False) -> ClientConnection:
        """A new connection. Its time counts from the first failure in a row; one that was lost at once is a failure."""
        if self._in_trouble_since is None:
            self._in_trouble_since = time.monotonic()
        asked = 0.0
        while True:
            left = limit - (time.monotonic() - self._in_trouble_since)
            if again or self._failures:
                delay = pause_before(self._failures, asked)
                if delay >= left:
                    raise self._out_of_reach(limit) from self._problem
                await pacing.sleep(delay)
                left -= delay
            if self._end is not None:
                raise self._end
            try:
                connection = await self._attempt(left)
                if again:
                    await self._say_what_was_seen(connection)
            except InvalidStatus as refused:
                asked, self._problem = self._asked_by(refused), refused
            except (OSError, InvalidHandshake, ConnectionClosed) as error:  # TimeoutError is an OSError
                asked, self._problem = 0.0, error
            else:
                if self._end is not None:  # closed here meanwhile
                    await connection.close()
                    raise self._end
                self._since, self._heard, self._problem = time.monotonic(), False, None
                self._failures += 1  # until it has stood
                return connection
            self._failures += 1
            if time.monotonic() - self._in_trouble_since >= limit:
                raise self._out_of_reach(limit) from self._problem

    async def _attempt(self, left: float) -> ClientConnection:
        found = self._app.input
        credential = credential_of(found)
        given = {name.lower() for name in self._headers}
        own = [] if credential is None or credential[0].lower() in given else [credential]
        headers = [*tracing.outgoing_headers(), *own, *self._headers.items()]
        for name, value in headers:
            check_header(name, value)
        url = "ws" + join(found.url, self._path).removeprefix("http")
        limit = max(0.001, min(left, self._app.policy.connect * 2))
        try:
            return await _direct()(url, additional_headers=headers, open_timeout=limit, **self._options)
        except (InvalidURI, ValueError, TypeError) as error:  # a port that is none; subprotocols that are one text
            msg = f"{self!r} cannot be opened: {error}"
            raise InvalidCall(msg) from error

    async def _say_what_was_seen(self, connection: ClientConnection) -> None:
        if self._resume is None:
            return
        try:
            message = self._resume()
            if inspect.isawaitable(message):
                message = await message
            if message is not None:
                await connection.send(encoded(message))
        except BaseException:
            await connection.close()
            raise

    def _asked_by(self, refused: InvalidStatus) -> float:
        """The seconds that a refusal for the moment asks for. Raises SocketRefused for one that will stay."""
        response = refused.response
        if response.status_code in RETRYABLE_STATUSES:
            return retry_after(response.headers.get("Retry-After")) or 0.0
        body = response.body[:200].decode("utf-8", "replace").strip() if response.body else ""
        raise SocketRefused(
            f"app {self._app.alias!r} refused {self!r} with {response.status_code}{f': {body}' if body else ''}",
            alias=self._app.alias,
            url=self._app.url,
            attempts=self._failures + 1,
            status=response.status_code,
        ) from refused

    def _out_of_reach(self, limit: float) -> CallFailed:
        kind = CallTimedOut if isinstance(self._problem, TimeoutError) else CallFailed
        return self._failure(kind, f"could not be reached for {limit:g} s: {_as_words(self._problem)}")

    def _failure(self, kind: type[CallFailed], what: str) -> CallFailed:
        message = f"the WebSocket {self._path!r} of app {self._app.alias!r} at {self._app.url} {what}"
        return kind(message, alias=self._app.alias, url=self._app.url, attempts=self._failures)


def _as_words(problem: Exception | None) -> str:
    """With its causes: that a handshake failed is one error's text, and that the connection was cut that of another."""
    said: list[str] = []
    cause: BaseException | None = problem
    while cause is not None:
        said += filter(None, [str(cause)])
        cause = cause.__cause__
    return ": ".join(said) or type(problem).__name__


@cache
def _direct() -> type[connect]:
    """Connections that follow no redirect: the edge's credential goes to the wired app and nowhere else."""

    class Direct(connect):
        def process_redirect(self, exc: Exception) -> Exception | str:
            return exc

    return Direct
