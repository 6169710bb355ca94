"""Rooms: clients by name, and broadcasts that wait for none of them."""

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
    """The rooms of one process and one event loop. A room is there while somebody is in it.

    Each client has a bounded queue and a writer of its own. One whose queue is full, or that takes nothing for
    `stall_timeout` seconds, is closed with 1013 and the others never notice. All others get every message of a room,
    in one order that is the same for all. Too large a message is closed with 1009, too many with 1008.

    Before the handshake is answered: a page of another origin than its host's or `origins` gets 403 (`"*"` lets all
    in); beyond `max_clients` or `max_per_room` it is 503, beyond `max_per_address` 429, both with Retry-After.
    Whether a peer is alive is the server's to ask: `rt.serve` and uvicorn send pings.
    Times are seconds; see `Limits` for what holds for each client.
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
        """The names of the rooms in which somebody is."""
        return iter(tuple(self._members))

    def __len__(self) -> int:
        """How many clients there are, in all rooms."""
        return sum(map(len, self._members.values()))

    @asynccontextmanager
    async def join(self, ws: ServerSocket, name: str, *, subprotocol: str | None = None) -> AsyncIterator[Client]:
        """The client, accepted and in the room, for the length of the block; then it is closed with 1000.

        Raises Refused where it may not come in: it has its answer, and the handler has nothing left to do.
        """
        self._own_loop()
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
        """Close every client, after what waits for it, and let nobody in any more. `rt.serve` sends 1012 by itself."""
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
                return Refusal(429 if kind == "address" else 503, TRY_AGAIN, f"{most} clients{where} are all it takes")
        return origin_refusal(ws.scope["headers"], self._origins)

    def _enter(self, client: Client, name: str) -> None:
        self._members.setdefault(name, {})[client] = None
        client.left.add_done_callback(lambda _: self._leave(client, name))

    def _leave(self, client: Client, name: str) -> None:
        members = self._members.get(name, {})
        members.pop(client, None)
        if not members:
            self._members.pop(name, None)

    def _own_loop(self) -> None:
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
    """A room by its name, whether or not somebody is in it: `rooms["lobby"]`."""

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
        """Queue text, bytes or JSON data for everybody in the room; for how many that was possible.

        It is encoded once and waits for no client. It lets the event loop go round, so that a handler that
        broadcasts without a pause does not fill queues faster than anybody could empty them.
        Raises InvalidMessage; ServeError in another event loop than the clients'.
        """
        self._rooms._own_loop()
        payload = Payload.of(message)
        while any(client.crowded for client in self):  # noqa: ASYNC110 - a turn of the loop is all their writers need
            await asyncio.sleep(0)
        reached = sum(client.offer(payload) for client in self if client is not except_)
        await asyncio.sleep(0)
        return reached
