"""The WebSocket of one client. It has its own reader and writer, so that it cannot hold up other clients."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager, suppress
from typing import Any, TypeVar

from flyte_runtime.errors import ClientLeft, reason_of
from flyte_runtime.event_loop import pacing
from flyte_runtime.websockets.limits import Limits, too_large
from flyte_runtime.websockets.outbox import Outbox
from flyte_runtime.websockets.payload import Payload
from flyte_runtime.websockets.rate import Bucket
from flyte_runtime.websockets.refusal import accept
from flyte_runtime.websockets.socket import ServerSocket, address_of

__all__ = ["Client", "attend"]

T = TypeVar("T")
logger = logging.getLogger("flyte_runtime.websockets")

# Close codes: RFC 6455 §7.4.1 and IANA's registry (1012 service restart, 1013 try again later).
NORMAL, ABNORMAL, POLICY_VIOLATION, TOO_BIG, ERROR, RESTART, TRY_AGAIN = 1000, 1006, 1008, 1009, 1011, 1012, 1013
# Seconds for sending a close frame. Plain uvicorn would wait until a stalled client reads.
_CLOSING = 1.0
_REASON_BYTES = 123


@asynccontextmanager
async def attend(
    ws: ServerSocket, limits: Limits | None = None, *, subprotocol: str | None = None
) -> AsyncIterator[Client]:
    """Accept the connection, yield its client, and close it after the block. Queued messages are sent first.

    ClientLeft of this client ends the block without an error. Raises Refused if the client left during the handshake.
    """
    await accept(ws, subprotocol)
    client = Client(ws, limits or Limits())
    try:
        yield client
    except BaseException as error:
        if not (isinstance(error, ClientLeft) and error.client is client):
            await client.drop(RESTART if isinstance(error, asyncio.CancelledError) else ERROR)
            raise
    await client.close()


class Client:
    """A connected client. `async for message in client` yields its messages (text or bytes) until it leaves.

    `left` is done when the client has left or was closed. Its result is the close code and the reason.
    """

    def __init__(self, ws: ServerSocket, limits: Limits) -> None:
        self.ws = ws
        self.address = address_of(ws)
        self._limits = limits
        self._loop = asyncio.get_running_loop()
        self._outbox = Outbox(limits.queue, limits.queue_bytes)
        self._inbox: asyncio.Queue[str | bytes | None] = asyncio.Queue()
        self._places = asyncio.Semaphore(limits.inbox)
        self._sending_since: float | None = None
        self._watch: asyncio.TimerHandle | None = None
        self._closing: asyncio.Task[None] | None = None
        self.left: asyncio.Future[tuple[int, str]] = self._loop.create_future()
        self._reader = self._loop.create_task(self._read())
        self._writer = self._loop.create_task(self._write())

    def __repr__(self) -> str:
        return f"<Client {self.address or 'without address'}{'' if self.code is None else f', left with {self.code}'}>"

    @property
    def code(self) -> int | None:
        """The close code with which the client left or was closed. None while it is connected."""
        return self.left.result()[0] if self.left.done() else None

    @property
    def reason(self) -> str:
        """The reason for which the client left or was closed, if there is one."""
        return self.left.result()[1] if self.left.done() else ""

    @property
    def waiting(self) -> int:
        """The number of messages that wait to be sent to the client."""
        return len(self._outbox)

    def __aiter__(self) -> Client:
        return self

    async def __anext__(self) -> str | bytes:
        message = await self._inbox.get()
        if message is None:
            self._inbox.put_nowait(None)  # for the next call
            raise StopAsyncIteration
        self._places.release()
        return message

    async def send(self, message: Any) -> None:
        """Queue text, bytes or JSON data. It waits while the queue is full.

        Raises ClientLeft, also if the client is evicted meanwhile, and InvalidMessage.
        """
        payload = Payload.of(message)
        if self._outbox.full and not self.left.done():
            await self._outbox.with_room()
        if self.left.done():
            raise ClientLeft(self, *self.left.result())
        self._outbox.put(payload)

    def offer(self, payload: Payload) -> bool:
        """Queue a message without waiting. Return False if the client has left, or is evicted for its full queue."""
        if self.left.done():
            return False
        if self._outbox.full:
            self._end(TRY_AGAIN, f"too slow: {len(self._outbox)} messages wait", send_close=True)
            return False
        self._outbox.put(payload)
        return True

    @property
    def crowded(self) -> bool:
        """True if the queue is full, but only because the writer has not run yet. The connection does take data."""
        return self._outbox.full and self._sending_since is None and not self.left.done()

    async def while_here(self, work: Awaitable[T]) -> T:
        """Return the result of `work`. If the client leaves first, cancel the work and raise ClientLeft."""
        task = asyncio.ensure_future(work)
        try:
            both: set[asyncio.Future[Any]] = {task, self.left}
            await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
            if not task.done():
                raise ClientLeft(self, *self.left.result())
            return task.result()
        finally:
            if not task.done():
                task.cancel()
                await asyncio.wait({task})

    async def close(self, code: int = NORMAL, reason: str = "") -> None:
        """Close the connection after the queued messages are sent, at most `stall_timeout` seconds later."""
        try:
            if not self.left.done():
                with suppress(TimeoutError):
                    async with pacing.deadline(self._limits.stall_timeout):
                        await self._outbox.until(1)
        finally:
            await self.drop(code, reason)

    async def drop(self, code: int, reason: str = "") -> None:
        """Close the connection at once, without sending the queued messages."""
        self._end(code, reason, send_close=True)
        if self._closing is not None:
            await asyncio.shield(self._closing)

    async def _read(self) -> None:
        bucket = Bucket(self._limits.rate, self._limits.burst, self._loop.time())
        while True:
            await self._places.acquire()
            try:
                event = await self.ws.receive()
            except (
                Exception
            ) as error:  # raised by the framework if the handler itself has read or closed the connection
                self._end(ABNORMAL, f"nothing more can be read: {reason_of(error)}", send_close=True)
                return
            if event["type"] == "websocket.disconnect":
                self._end(event.get("code") or 1005, event.get("reason") or "", send_close=False)
                return
            text = event.get("text")
            message: str | bytes = event.get("bytes") or b"" if text is None else text
            if too_large(message, self._limits.max_message):
                self._end(TOO_BIG, f"a message may have {self._limits.max_message} bytes", send_close=True)
                return
            if not bucket.take(self._loop.time()):
                self._end(POLICY_VIOLATION, f"more than {self._limits.rate:g} messages a second", send_close=True)
                return
            self._inbox.put_nowait(message)

    async def _write(self) -> None:
        while True:
            payload = await self._outbox.first()
            self._sending_since = self._loop.time()
            if self._watch is None:
                self._watch = self._loop.call_later(self._limits.stall_timeout, self._evict_if_stalled)
            try:
                await self.ws.send(payload.event)
            except Exception as error:  # each server and framework has another class for a lost connection
                self._end(ABNORMAL, str(error) or "the connection was lost", send_close=False)
                return
            if self.left.done():
                return
            self._sending_since = None
            self._outbox.sent()

    def _evict_if_stalled(self) -> None:
        """Evict the client if the current message takes too long. One timer serves many messages, to save time."""
        self._watch = None
        since, now = self._sending_since, self._loop.time()
        if self.left.done() or since is None:
            return
        if now - since >= self._limits.stall_timeout:
            self._end(TRY_AGAIN, f"stalled: it took nothing for {now - since:.0f} s", send_close=True)
        else:
            self._watch = self._loop.call_at(since + self._limits.stall_timeout, self._evict_if_stalled)

    def _end(self, code: int, reason: str, *, send_close: bool) -> None:
        """Mark the client as left and wake everybody who waits for it. `send_close` closes an open connection."""
        if self.left.done():
            return
        if send_close and code in (TRY_AGAIN, POLICY_VIOLATION, TOO_BIG):
            logger.info("WebSocket client %s is closed with %d: %s", self.address, code, reason)
        self.left.set_result((code, reason))
        self._outbox.clear()
        self._inbox.put_nowait(None)
        if self._watch is not None:
            self._watch.cancel()
            self._watch = None
        self._closing = self._loop.create_task(self._stop(code, reason, send_close=send_close))

    async def _stop(self, code: int, reason: str, *, send_close: bool) -> None:
        for task in (self._writer, self._reader):
            task.cancel()
        await asyncio.wait({self._writer, self._reader})
        if not send_close:
            return
        event = {"type": "websocket.close", "code": code, "reason": _cut(reason)}
        with suppress(Exception):  # the client may be gone or not read
            async with pacing.deadline(_CLOSING):
                await self.ws.send(event)


def _cut(reason: str) -> str:
    """Shorten a reason to fit a close frame: 125 bytes, two of them for the code (RFC 6455 §5.5)."""
    return reason.encode()[:_REASON_BYTES].decode("utf-8", "ignore")
