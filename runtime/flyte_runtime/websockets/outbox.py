"""The queue of messages for one client, limited in messages and bytes."""

from __future__ import annotations

import asyncio
from collections import deque

from flyte_runtime.websockets.payload import Payload

__all__ = ["Outbox"]


class Outbox:
    """A queue of messages. A message stays in it until it has been sent, so the limits include it.

    The queue is full once it has `length` messages or `size` bytes. The last message may exceed `size`.
    """

    def __init__(self, length: int, size: int) -> None:
        self._length = length
        self._size = size
        self._waiting: deque[Payload] = deque()
        self._bytes = 0
        self._filled = asyncio.Event()
        self._removed = asyncio.Event()

    def __len__(self) -> int:
        return len(self._waiting)

    @property
    def full(self) -> bool:
        """True if no message may be added."""
        return len(self._waiting) >= self._length or self._bytes >= self._size

    def put(self, payload: Payload) -> None:
        """Add a message at the end."""
        self._waiting.append(payload)
        self._bytes += payload.size
        self._filled.set()

    async def first(self) -> Payload:
        """Wait for a message and return the oldest. It stays in the queue until `sent` is called."""
        while not self._waiting:
            self._filled.clear()
            await self._filled.wait()
        return self._waiting[0]

    def sent(self) -> None:
        """Remove the oldest message, which the connection has accepted."""
        self._bytes -= self._waiting.popleft().size
        self._removed.set()

    async def until(self, length: int) -> None:
        """Wait until the queue has fewer than `length` messages and is not full."""
        while len(self._waiting) >= length or self.full:
            self._removed.clear()
            await self._removed.wait()

    async def with_room(self) -> None:
        """Wait until the queue is not full."""
        await self.until(self._length)

    def clear(self) -> None:
        """Remove all messages, because the client has left."""
        self._waiting.clear()
        self._bytes = 0
        self._removed.set()
