"""One client's WebSocket: with a writer and a reader of its own, it holds up nobody else."""

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

# Closing codes: RFC 6455 §7.4.1 and IANA's registry (1012 service restart, 1013 try again later).
NORMAL, ABNORMAL, POLICY_VIOLATION, TOO_BIG, ERROR, RESTART, TRY_AGAIN = 1000, 1006, 1008, 1009, 1011, 1012, 1013
# Seconds for a closing frame to be taken: uvicorn alone waits for a stalled client to read first.
_CLOSING = 1.0
_REASON_BYTES = 123


@asynccontextmanager
async def attend(
    ws: ServerSocket, limits: Limits | None = None, *, subprotocol: str | None = None
) -> AsyncIterator[Client]:
    """A client for the length of the block: accepted before it, closed after it, with what still waits sent.

    A block that the client's leaving ended (`ClientLeft`) ends quietly. Raises Refused where it left before it came.
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
    """A connected client. `async for message in client` gives its messages (text or bytes) until it leaves.

    `code` and `reason` say how it left, as a closing code: None while it is here.
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
        """The closing code with which it left or was closed."""
        return self.left.result()[0] if self.left.done() else None

    @property
    def reason(self) -> str:
        """Why, where that was said."""
        return self.left.result()[1] if self.left.done() else ""

    @property
    def waiting(self) -> int:
        """How many messages wait to be sent to it."""
        return len(self._outbox)

    def __aiter__(self) -> Client:
        return self

    async def __anext__(self) -> str | bytes:
        message = await self._inbox.get()
        if message is None:
            self._inbox.put_nowait(None)  # for whoever asks again
            raise StopAsyncIteration
        self._places.release()
        return message

    async def send(self, message: Any) -> None:
        """Send text, bytes or JSON data, after what already waits. It waits itself while the queue is full.

        Raises ClientLeft, also where the client was evicted meanwhile, and InvalidMessage.
        """
        payload = Payload.of(message)
        if self._outbox.full and not self.left.done():
            await self._outbox.with_room()
        if self.left.done():
            raise ClientLeft(self, *self.left.result())
        self._outbox.put(payload)

    def offer(self, payload: Payload) -> bool:
        """Queue a message without waiting; whether it was. A client whose queue is full is evicted."""
        if self.left.done():
            return False
        if self._outbox.full:
            self._end(TRY_AGAIN, f"too slow: {len(self._outbox)} messages wait", tell=True)
            return False
        self._outbox.put(payload)
        return True

    @property
    def crowded(self) -> bool:
        """Whether its queue is full although its connection takes data: its writer has only not had its turn."""
        return self._outbox.full and self._sending_since is None and not self.left.done()

    async def while_here(self, work: Awaitable[T]) -> T:
        """The work's result. It is cancelled when the client leaves. Raises ClientLeft then."""
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
        """Close the connection after what waits has been sent, for which it has the stall timeout."""
        try:
            if not self.left.done():
                with suppress(TimeoutError):
                    async with pacing.deadline(self._limits.stall_timeout):
                        await self._outbox.until(1)
        finally:
            await self.drop(code, reason)

    async def drop(self, code: int, reason: str = "") -> None:
        """Close the connection at once: what waits is not sent."""
        self._end(code, reason, tell=True)
        if self._closing is not None:
            await asyncio.shield(self._closing)

    async def _read(self) -> None:
        bucket = Bucket(self._limits.rate, self._limits.burst, self._loop.time())
        while True:
            await self._places.acquire()
            try:
                event = await self.ws.receive()
            except Exception as error:  # the framework's own, where the handler has read or closed by itself
                self._end(ABNORMAL, f"nothing more can be read: {reason_of(error)}", tell=True)
                return
            if event["type"] == "websocket.disconnect":
                self._end(event.get("code") or 1005, event.get("reason") or "", tell=False)
                return
            text = event.get("text")
            message: str | bytes = event.get("bytes") or b"" if text is None else text
            if too_large(message, self._limits.max_message):
                self._end(TOO_BIG, f"a message may have {self._limits.max_message} bytes", tell=True)
                return
            if not bucket.take(self._loop.time()):
                self._end(POLICY_VIOLATION, f"more than {self._limits.rate:g} messages a second", tell=True)
                return
            self._inbox.put_nowait(message)

    async def _write(self) -> None:
        while True:
            payload = await self._outbox.first()
            self._sending_since = self._loop.time()
            if self._watch is None:
                self._watch = self._loop.call_later(self._limits.stall_timeout, self._look)
            try:
                await self.ws.send(payload.event)
            except Exception as error:  # servers and frameworks have classes of their own for a lost connection
                self._end(ABNORMAL, str(error) or "the connection was lost", tell=False)
                return
            if self.left.done():
                return
            self._sending_since = None
            self._outbox.sent()

    def _look(self) -> None:
        """Evict the client if one message is under way for too long. One timer for many messages costs them nothing."""
        self._watch = None
        since, now = self._sending_since, self._loop.time()
        if self.left.done() or since is None:
            return
        if now - since >= self._limits.stall_timeout:
            self._end(TRY_AGAIN, f"stalled: it took nothing for {now - since:.0f} s", tell=True)
        else:
            self._watch = self._loop.call_at(since + self._limits.stall_timeout, self._look)

    def _end(self, code: int, reason: str, *, tell: bool) -> None:
        """It has left, or has to (`tell`): whoever waits for it learns so, and nothing more is sent."""
        if self.left.done():
            return
        if tell and code in (TRY_AGAIN, POLICY_VIOLATION, TOO_BIG):
            logger.info("WebSocket client %s is closed with %d: %s", self.address, code, reason)
        self.left.set_result((code, reason))
        self._outbox.clear()
        self._inbox.put_nowait(None)
        if self._watch is not None:
            self._watch.cancel()
            self._watch = None
        self._closing = self._loop.create_task(self._part(code, reason, tell=tell))

    async def _part(self, code: int, reason: str, *, tell: bool) -> None:
        for task in (self._writer, self._reader):
            task.cancel()
        await asyncio.wait({self._writer, self._reader})
        if not tell:
            return
        event = {"type": "websocket.close", "code": code, "reason": _cut(reason)}
        with suppress(Exception):  # gone already, or deaf: nothing is owed to it
            async with pacing.deadline(_CLOSING):
                await self.ws.send(event)


def _cut(reason: str) -> str:
    """A control frame has 125 bytes, two of them the code (RFC 6455 §5.5)."""
    return reason.encode()[:_REASON_BYTES].decode("utf-8", "ignore")
