"""aiohttp's connector, which gives no connection that is dead already: neither one that the peer has closed, nor a
place in a pool that is closed."""

from __future__ import annotations

import asyncio
import select
from typing import Any
from weakref import WeakSet

import aiohttp
from aiohttp.connector import Connection

__all__ = ["Connector", "PoolClosed"]

# Linux's; elsewhere a peer's end shows only as something to read, which on TLS is not always an end.
_PEER_CLOSED: int | None = getattr(select, "POLLRDHUP", None)


class PoolClosed(RuntimeError):
    """There was no connection, so nothing was sent."""


class Connector(aiohttp.TCPConnector):
    """Where aiohttp trusts a kept connection until its event loop has come to read that the peer closed it, this one
    asks the kernel: a request that is lost on such a connection could be tried again for idempotent methods only.

    Raises PoolClosed where aiohttp waits for ever for a place in a pool that is closed (also with its own second
    attempt after a lost connection), or cancels those who waited when it was closed.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._used: WeakSet[object] = WeakSet()

    async def connect(self, *args: Any, **options: Any) -> Connection:
        while True:
            connection = await self._open_or_kept(*args, **options)
            protocol = connection.protocol
            if protocol in self._used and _peer_closed(connection):
                connection.close()
                continue
            self._used.add(protocol)
            return connection

    async def _open_or_kept(self, *args: Any, **options: Any) -> Connection:
        if self.closed:
            raise PoolClosed("the pool of connections was closed")
        try:
            return await super().connect(*args, **options)
        except (aiohttp.ClientError, asyncio.CancelledError) as error:
            if self.closed and not _cancelled():
                raise PoolClosed("the pool of connections was closed") from error
            raise


def _peer_closed(connection: Connection) -> bool:
    socket = connection.transport.get_extra_info("socket") if connection.transport is not None else None
    if socket is None or _PEER_CLOSED is None:
        return False
    poll = select.poll()
    poll.register(socket.fileno(), _PEER_CLOSED)
    return bool(poll.poll(0))


def _cancelled() -> bool:
    """Whether somebody wants the running task to end. Python 3.10 cannot tell."""
    cancelling = getattr(asyncio.current_task(), "cancelling", None)
    return cancelling is None or cancelling() > 0
