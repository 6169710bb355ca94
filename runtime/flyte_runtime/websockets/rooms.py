"""Rooms of clients, and broadcasts that do not wait for slow clients."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Collection, Iterator
from contextlib import asynccontextmanager
from typing import Any, Literal

from flyte_runtime.errors import ServeError
from flyte_runtime.websockets.admission import Refusal, origin_refusal
from flyte_runtime.websockets.connection import RESTART, TRY_AGAIN, Client, attend
from flyte_runtime.websockets.limits import Limits
from flyte_runtime.websockets.payload import Payload
from flyte_runtime.websockets.refusal import refuse
from flyte_runtime.websockets.socket import ServerSocket, address_of

__all__ = ["Room", "Rooms"]

_DEFAULT = Limits()


class Rooms:
    """The rooms of one process and one event loop. A room exists while somebody is in it.

    Each client has its own limited queue and its own writer. The clients of a room get all messages in the same order.
    These clients are closed, without an effect on the others:

    - 1013: the queue of the client is full, or its connection accepts nothing for `stall_timeout` seconds.
    - 1009: the client sent a message that is too large.
    - 1008: the client sent too many messages.

    These handshakes are refused:

    - 403: a page whose origin is neither the host itself nor one of `origins`. `"*"` admits all pages.
    - 503 with Retry-After: there are `max_clients` clients, or `max_per_room` in the room.
    - 429 with Retry-After: there are `max_per_address` clients from the address.

    The server checks with pings that clients are alive, as `rt.serve` and uvicorn do. Times are in seconds. See
    `Limits` for the limits of each client.
    """

    def __init__(
        self,
        *,
        queue: int = _DEFAULT.queue,
        queue_bytes: int = _DEFAULT.queue_bytes,
        stall_timeout: float = _DEFAULT.stall_timeout,
        max_message: int = _DEFAULT.max_message,
        rate: float | None = _DEFAULT.rate,
        burst: int = _DEFAULT.burst,
        inbox: int = _DEFAULT.inbox,
        max_clients: int | None = 10_000,
        max_per_room: int | None = None,
        max_per_address: int | None = None,
        origins: Collection[str] | Literal["*"] | None = None,
    ) -> None:
        self.limits = Limits(
            queue=queue,
            queue_bytes=queue_bytes,
            stall_timeout=stall_timeout,
            max_message=max_message,
            rate=rate,
            burst=burst,
            inbox=inbox,
        )
        if isinstance(origins, str) and origins != "*":
            msg = f"origins={origins!r} is one text: pass a list such as ['https://app.example'], or '*' for all"
            raise ServeError(msg)
        self._origins = origins
        self._most = {"": max_clients, "room": max_per_room, "address": max_per_address}
        self._count: Counter[tuple[str, str]] = Counter()
        self._members: dict[str, dict[Client, None]] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        self._closed = False

    def __getitem__(self, name: str) -> Room:
        return Room(self, name)

    def __iter__(self) -> Iterator[str]:
        """Iterate over the names of the rooms that have clients."""
        return iter(tuple(self._members))

    def __len__(self) -> int:
        """Return the number of clients in all rooms."""
        return sum(map(len, self._members.values()))

    @asynccontextmanager
    async def join(self, ws: ServerSocket, name: str, *, subprotocol: str | None = None) -> AsyncIterator[Client]:
        """Accept the client and keep it in the room within the block. Then close it with 1000.

        Raises Refused if the client may not join. It then has its answer, and the handler need do nothing more.
        """
        self._check_loop()
        places = (("", ""), ("room", name), ("address", address_of(ws)))
        refusal = self._refusal(ws, places)
        if refusal is not None:
            raise await refuse(ws, refusal)
        self._count.update(places)
        try:
            async with attend(ws, self.limits, subprotocol=subprotocol) as client:
                if self._closed:
                    await client.close(RESTART)
                self._enter(client, name)
                try:
                    yield client
                finally:
                    self._leave(client, name)
        finally:
            self._count.subtract(places)
            for place in places:
                if not self._count[place]:
                    del self._count[place]

    async def close(self, code: int = RESTART, reason: str = "") -> None:
        """Close all clients after their queued messages, and refuse new ones. `rt.serve` sends 1012 by itself."""
        self._closed = True
        everybody = [client for members in self._members.values() for client in members]
        await asyncio.gather(*(client.close(code, reason) for client in everybody))

    def _refusal(self, ws: ServerSocket, places: tuple[tuple[str, str], ...]) -> Refusal | None:
        if self._closed:
            return Refusal(503, RESTART, "this app is stopping")
        for place in places:
            kind, _ = place
            most = self._most[kind]
            if most is not None and self._count[place] >= most:
                where = f" in this {kind}" if kind == "room" else f" from this {kind}" if kind else ""
                return Refusal(429 if kind == "address" else 503, TRY_AGAIN, f"{most} clients{where} is the limit")
        return origin_refusal(ws.scope["headers"], self._origins)

    def _enter(self, client: Client, name: str) -> None:
        self._members.setdefault(name, {})[client] = None
        client.left.add_done_callback(lambda _: self._leave(client, name))

    def _leave(self, client: Client, name: str) -> None:
        members = self._members.get(name, {})
        members.pop(client, None)
        if not members:
            self._members.pop(name, None)

    def _check_loop(self) -> None:
        loop = asyncio.get_running_loop()
        if self._loop is not loop:
            if self._members:
                msg = (
                    "these rooms belong to another event loop: broadcast from the one that serves their clients. A test"
                    " with two of Starlette's TestClient's connections needs `with TestClient(app) as client`"
                )
                raise ServeError(msg)
            self._loop = loop


class Room:
    """A room, which may be empty: `rooms["lobby"]`."""

    def __init__(self, rooms: Rooms, name: str) -> None:
        self._rooms = rooms
        self.name = name

    def __repr__(self) -> str:
        return f"<Room {self.name!r}, {len(self)} clients>"

    def __len__(self) -> int:
        return len(self._rooms._members.get(self.name, ()))

    def __iter__(self) -> Iterator[Client]:
        return iter(tuple(self._rooms._members.get(self.name, ())))

    async def broadcast(self, message: Any, *, except_: Client | None = None) -> int:
        """Queue text, bytes or JSON data for all clients in the room. Return for how many it was queued.

        The message is encoded once. The call does not wait for slow clients. It yields to the event loop, so that a
        handler that broadcasts without a pause does not fill the queues faster than the writers can empty them.
        Raises InvalidMessage, and ServeError in another event loop than that of the clients.
        """
        self._rooms._check_loop()
        payload = Payload.of(message)
        while any(client.crowded for client in self):  # noqa: ASYNC110 - the writers need only one turn of the loop
            await asyncio.sleep(0)
        reached = sum(client.offer(payload) for client in self if client is not except_)
        await asyncio.sleep(0)
        return reached
