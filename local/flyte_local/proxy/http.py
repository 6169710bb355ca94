"""Passes one HTTP request on to an app and its response back, both as they come.

The usual request (a small body or none) and response (one piece) take the short way: no task, one timer. Whether the
client is still there is asked only once an answer takes longer than a moment.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass

from flyte_runtime.errors import reason_of

from flyte_local.proxy.tunnel import Tunnel
from flyte_local.proxy.upstream import BrokenOff, Connection, Upstream
from flyte_local.web.asgi import Header, Receive, Scope, Send, header, respond_error
from flyte_local.web.upgrade import offer, switched

SMALL = 64 * 1024
MOMENT = 0.1
# RFC 9110 §9.2.2: those that may be sent again where nobody knows whether the first one arrived.
_IDEMPOTENT = frozenset(("GET", "HEAD", "OPTIONS", "PUT", "DELETE", "TRACE"))


class ClientLeft(Exception):
    """Nobody waits for the answer any more."""


@dataclass(slots=True)
class Passage:
    """What is to be passed on: the request's `head` without the body's framing, and what becomes of the answer's.

    `app` has `limit` seconds to answer. `sent_on` is a connection on which all of it has been sent already.
    """

    app: object
    port: int
    head: list[bytes]
    limit: float
    response_headers: Callable[[list[Header]], list[Header]]
    sent_on: Connection | None = None


async def forward(upstream: Upstream, passage: Passage, scope: Scope, body: Body, send: Send) -> None:
    """One exchange, or the WebSocket that it becomes. A later attempt takes the same body.

    Raises NotListening before anything was sent, ConnectionError where the app broke off an answer that had begun.
    """
    app, port, limit = passage.app, passage.port, passage.limit
    upgrade = offer(scope)
    try:
        first = await asyncio.wait_for(body.beginning(), limit)
    except ClientLeft:
        return
    except asyncio.TimeoutError:
        await respond_error(send, 408, f"the request's body did not come within {limit:g} s")
        return
    request = b"".join((*passage.head, body.framing, b"\r\n", first))
    method = scope["method"]
    sent_on = passage.sent_on
    # A handshake is sent once: on a connection that nobody closes in that moment.
    connection = sent_on or (upstream.kept(port) if upgrade is None else None)
    while True:
        used_before = connection is not None
        if connection is None:
            connection = await upstream.connect(port)
        if connection is not sent_on:
            connection.send(request, only_head=method == "HEAD", may_upgrade=upgrade is not None)
        companion = _Companion(connection, body, limit)
        try:
            await connection.head()
            break
        except ClientLeft:
            companion.end()
            return
        except asyncio.TimeoutError:
            companion.end()
            await respond_error(send, 504, f"app {app} did not answer within {limit:g} s")
            return
        except ConnectionError as error:
            companion.end()
            if used_before and not connection.touched and body.whole and method in _IDEMPOTENT:
                # The app closed it in the moment that it was used again.
                connection = None
                continue
            await respond_error(send, 502, f"app {app} closed the connection: {reason_of(error)}")
            return
        except BaseException:
            companion.end()
            connection.fail(BrokenOff("cancelled"))
            raise
    if upgrade is not None and connection.status == 101:
        companion.end()
        tunnel = Tunnel()
        first = connection.hand_over(tunnel.app)
        if upgrade(switched(passage.response_headers(connection.headers)), tunnel.client):
            await tunnel.run(first)
        else:
            tunnel.app.abort()
        return
    try:
        data = connection.taken()
        await send(
            {
                "type": "http.response.start",
                "status": connection.status,
                "headers": passage.response_headers(connection.headers),
            }
        )
        companion.answering()
        while not connection.complete:
            if data:
                await send({"type": "http.response.body", "body": data, "more_body": True})
            data = await connection.read()
        await send({"type": "http.response.body", "body": data})
    except ClientLeft:
        return
    except ConnectionError as error:
        # The head is out: only a broken-off transfer tells the client that this is not the whole answer.
        raise ConnectionError(f"app {app} broke off its response: {reason_of(error)}") from error
    finally:
        companion.end()
        if body.sent:
            upstream.keep(connection)
        else:
            connection.fail(BrokenOff("the request was not sent to its end"))


class Body:
    """The client's body. Its pieces and the news that the client left come through one channel."""

    def __init__(self, scope: Scope, receive: Receive) -> None:
        self._receive = receive
        length = header(scope, b"content-length")
        self._chunked = length is None and header(scope, b"transfer-encoding") is not None
        self._length = int(length) if length is not None and not self._chunked else 0
        self.framing = b""
        if self._chunked:
            self.framing = b"transfer-encoding: chunked\r\n"
        elif length is not None:
            self.framing = b"content-length: %d\r\n" % self._length
        self.sent = not self._chunked and not self._length
        # Whether head and body go out together, so that they can do so again.
        self.whole = self.sent
        self._short = not self._chunked and self._length <= SMALL
        self._first: bytes | None = None

    async def beginning(self) -> bytes:
        """The first piece of a short body, mostly all of it, to go out with the head; the same one each time, since an
        attempt may find nobody who listens. Raises ClientLeft."""
        if self._first is None:
            self._first = b""
            if self._short and not self.sent:
                message = await self._receive()
                if message["type"] == "http.disconnect":
                    raise ClientLeft
                self.sent = self.whole = not message.get("more_body")
                self._first = bytes(message.get("body", b""))
        return self._first

    async def pass_on(self, connection: Connection) -> None:
        """Sends what is left of the body, and then waits until the client leaves. Raises ClientLeft."""
        while not self.sent:
            message = await self._receive()
            if message["type"] == "http.disconnect":
                raise ClientLeft
            data = message.get("body", b"")
            if data:
                await connection.write(b"%x\r\n%b\r\n" % (len(data), data) if self._chunked else data)
            if not message.get("more_body"):
                if self._chunked:
                    await connection.write(b"0\r\n\r\n")
                self.sent = True
        while (await self._receive())["type"] != "http.disconnect":
            pass
        raise ClientLeft


class _Companion:
    """What goes on beside an exchange: the body on its way, the limit, and the look whether the client is there."""

    def __init__(self, connection: Connection, body: Body, limit: float) -> None:
        self._connection = connection
        self._body = body
        self._loop = asyncio.get_running_loop()
        self._task: asyncio.Task[None] | None = None
        self._answering = False
        if body.sent:
            moment = min(MOMENT, limit)
            self._timer = self._loop.call_later(moment, self._look, limit - moment)
        else:
            self._timer = self._loop.call_later(limit, self._late)
            self._watch()

    def answering(self) -> None:
        """The head is there: an answer may take as long as it likes."""
        self._answering = True
        if self._task is not None:
            self._timer.cancel()

    def end(self) -> None:
        """The exchange is over."""
        self._timer.cancel()
        if self._task is not None:
            self._task.cancel()

    def _look(self, left: float) -> None:
        self._watch()
        if not self._answering:
            self._timer = self._loop.call_later(left, self._late)

    def _late(self) -> None:
        self._connection.fail(asyncio.TimeoutError())

    def _watch(self) -> None:
        self._task = self._loop.create_task(self._pass_on())

    async def _pass_on(self) -> None:
        try:
            await self._body.pass_on(self._connection)
        except ClientLeft as left:
            self._connection.fail(left)
        except ConnectionError:
            pass  # The other side of the exchange hears of it too.
        except Exception as error:
            with contextlib.suppress(Exception):
                self._connection.fail(error)
