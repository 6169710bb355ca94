"""`rt.app(alias).websocket(path)`: a WebSocket to a wired app that reconnects."""

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

# Seconds to open a connection, attempts and pauses included, if neither the call nor the edge sets a limit.
OPEN = 30.0


class WebSocket:
    """A WebSocket to a wired app that reconnects when its connection is lost.

        async with rt.app("feed").websocket("/live", resume=lambda: {"after": last}) as ws:
            await ws.send({"subscribe": "prices"})
            async for message in ws:
                last = json.loads(message)["id"]

    - Opening: it has `timeout` seconds and tries again while the app is starting or restarting.
    - Reconnecting: it opens a new connection, after a pause with full jitter, when one is lost. Restarts and proxies
      cut connections; Knative does after at most 300 s. If no connection is stable for `reconnect` seconds, CallFailed
      says why the last one failed. 0 never reconnects; `math.inf` never gives up.
    - Resuming: messages that were on their way when a connection was lost are lost, in both directions. `resume` is
      called after each reconnect, and its result is the first message sent. It may be async. Use it to tell the app
      which message came last.
    - Closing: if the app closes with 1000, iteration ends. A close code for which a new connection would not help
      (1008, 1009, 3000 and above …) raises SocketClosed.
    - Heartbeat: it sends a ping every `heartbeat` seconds. A connection without a pong for as long is lost.
    - Headers: each attempt carries the edge's credential and the trace of the request that is being served.
    - It follows no redirects and uses no proxies from the environment.
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
        """The subprotocol that the app has chosen, or None."""
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
        """Return the next message, text or bytes.

        Raises CallTimedOut after `timeout` seconds, SocketClosed, CallFailed.
        """
        check_seconds("timeout", timeout, zero=True)
        try:
            async with pacing.deadline(timeout):
                return await self._receive()
        except CallFailed:
            raise
        except TimeoutError:
            raise self._failure(CallTimedOut, f"sent no message within {timeout:g} s") from None

    async def recv_json(self, timeout: float | None = None) -> Any:
        """Return the JSON value of the next message. Raises the errors of `recv`, and ValueError on invalid JSON."""
        return json.loads(await self.recv(timeout))

    async def send(self, message: object) -> None:
        """Send text, bytes or JSON data. It waits for a new connection if the last one is lost.

        A message is sent at most once: if the connection is lost while it is sent, it is not sent again.
        Raises InvalidMessage, SocketClosed, CallFailed.
        """
        data = encoded(message)
        while True:
            connection = self._current()
            if connection.state is State.OPEN:
                # A message can also be lost after `send` has returned, so an error here would tell nothing more.
                with suppress(ConnectionClosed):
                    await connection.send(data)
                return
            await self._after(connection)

    async def close(self, code: int = 1000, reason: str = "") -> None:
        """Close the WebSocket, which does not reconnect then. A second call does nothing."""
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
        """Open a new connection in place of `lost`. Raises SocketClosed, or CallFailed if none can be opened."""
        async with self._opening:
            if self._connection is not lost:
                return
            await lost.wait_closed()
            while self._receiving:  # noqa: ASYNC110 - `recv` returns or raises within one turn of the event loop
                await asyncio.sleep(0)
            try:  # keep the messages that were received and not read yet
                while True:
                    self._early.append(await lost.recv())
            except ConnectionClosed as closed:
                self._problem = closed
            if self._end is None and (is_final(code := lost.close_code or 1006) or not self._reconnect):
                reason = lost.close_reason or ""
                detail = f"{reason!r}" if reason else "no reason given"
                self._end = SocketClosed(f"{self!r} was closed with {code}: {detail}", code=code, reason=reason)
            if self._end is not None:
                raise self._end
            if self._heard or time.monotonic() - self._since >= STABLE:
                self._failures, self._in_trouble_since = 0, None
            self._connection = await self._open(self._reconnect, again=True)

    async def _open(self, limit: float, *, again: bool = False) -> ClientConnection:
        """Open a new connection within `limit` seconds of the first failure in a row.

        A connection that was lost before it was stable counts as a failure.
        """
        if self._in_trouble_since is None:
            self._in_trouble_since = time.monotonic()
        minimum = 0.0
        while True:
            left = limit - (time.monotonic() - self._in_trouble_since)
            if again or self._failures:
                delay = pause_before(self._failures, minimum)
                if delay >= left:
                    raise self._out_of_reach(limit) from self._problem
                await pacing.sleep(delay)
                left -= delay
            if self._end is not None:
                raise self._end
            try:
                connection = await self._attempt(left)
                if again:
                    await self._send_resume(connection)
            except InvalidStatus as refused:
                minimum, self._problem = self._retry_after(refused), refused
            except (OSError, InvalidHandshake, ConnectionClosed) as error:  # TimeoutError is an OSError
                minimum = 0.0
                # The limit may end an attempt early. Then the problem of an earlier attempt says more about the app.
                cut_short = isinstance(error, TimeoutError) and left < self._app.policy.connect
                if self._problem is None or not cut_short:
                    self._problem = error
            else:
                if self._end is not None:  # `close` was called meanwhile
                    await connection.close()
                    raise self._end
                self._since, self._heard, self._problem = time.monotonic(), False, None
                self._failures += 1  # reset to 0 once the connection is stable
                return connection
            self._failures += 1
            if time.monotonic() - self._in_trouble_since >= limit:
                raise self._out_of_reach(limit) from self._problem

    async def _attempt(self, left: float) -> ClientConnection:
        app_input = self._app.input
        credential = credential_of(app_input)
        names = {name.lower() for name in self._headers}
        credentials = [] if credential is None or credential[0].lower() in names else [credential]
        headers = [*tracing.outgoing_headers(), *credentials, *self._headers.items()]
        for name, value in headers:
            check_header(name, value)
        url = "ws" + join(app_input.url, self._path).removeprefix("http")
        limit = max(0.001, min(left, self._app.policy.connect * 2))
        try:
            return await _direct()(url, additional_headers=headers, open_timeout=limit, **self._options)
        except (InvalidURI, ValueError, TypeError) as error:  # e.g. an invalid port, or a str for `subprotocols`
            msg = f"{self!r} cannot be opened: {error}"
            raise InvalidCall(msg) from error

    async def _send_resume(self, connection: ClientConnection) -> None:
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

    def _retry_after(self, refused: InvalidStatus) -> float:
        """Return the seconds of a temporary refusal's `Retry-After`. Raises SocketRefused for a permanent refusal."""
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
    """Return the texts of an error and of its causes: often only the cause says why a handshake failed."""
    texts: list[str] = []
    cause: BaseException | None = problem
    while cause is not None:
        texts += filter(None, [str(cause)])
        cause = cause.__cause__
    return ": ".join(texts) or type(problem).__name__


@cache
def _direct() -> type[connect]:
    """Return a `connect` that follows no redirects, so that only the wired app gets the edge's credential."""

    class Direct(connect):
        def process_redirect(self, exc: Exception) -> Exception | str:
            return exc

    return Direct
