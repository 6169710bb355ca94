"""What waits to be sent to one client: bounded in messages and in bytes."""

from __future__ import annotations

import asyncio
from collections import deque

from flyte_runtime.websockets.payload import Payload

__all__ = ["Outbox"]


class Outbox:
    """First in, first out. A message counts until it has been sent, so that the bounds hold for all that is kept.

    It is full once either bound is reached: the last message may go beyond `size` bytes.
    """

    def __init__(self, length: int, size: int) -> None:
        self._length = length
        self._size = size
        self._waiting: deque[Payload] = deque()
        self._bytes = 0
        self._filled = asyncio.Event()
        self._taken = asyncio.Event()

    def __len__(self) -> int:
        return len(self._waiting)

    @property
    def full(self) -> bool:
        """Whether nothing more may be put in."""
        return len(self._waiting) >= self._length or self._bytes >= self._size

    def put(self, payload: Payload) -> None:
        """Add a message at the end."""
        self._waiting.append(payload)
        self._bytes += payload.size
        self._filled.set()

    async def first(self) -> Payload:
        """The oldest message, once there is one. It stays until `sent`."""
        while not self._waiting:
            self._filled.clear()
            await self._filled.wait()
        return self._waiting[0]

    def sent(self) -> None:
        """The oldest message is with the connection."""
        self._bytes -= self._waiting.popleft().size
        self._taken.set()

    async def until(self, length: int) -> None:
        """Wait until fewer than `length` messages are left and it is not full."""
        while len(self._waiting) >= length or self.full:
            self._taken.clear()
            await self._taken.wait()

    async def with_room(self) -> None:
        """Wait until it is not full."""
        await self.until(self._length)

    def clear(self) -> None:
        """Forget what waits: nobody will get it."""
        self._waiting.clear()
        self._bytes = 0
        self._taken.set()
