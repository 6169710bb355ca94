"""An aiohttp connector that avoids dead connections: connections that the peer has closed, and closed pools.

It also tries a refused connection again, because one address may stand for several processes, some of them dead.
"""

from __future__ import annotations

import asyncio
import select
from typing import Any
from weakref import WeakSet

import aiohttp
from aiohttp.connector import Connection

__all__ = ["Connector", "PoolClosed"]

# Only Linux has it. Elsewhere a closed peer shows only as readable data, which on TLS can mean something else.
_PEER_CLOSED: int | None = getattr(select, "POLLRDHUP", None)

# Further attempts after a refused connection. A Kubernetes Service leads each new connection to a random pod, and for a
# second or two that can be a pod that was killed. With one of two pods dead, five attempts fail once in 32 times.
_FURTHER_ATTEMPTS = 4


class PoolClosed(RuntimeError):
    """The pool of connections was closed, so nothing was sent."""


class Connector(aiohttp.TCPConnector):
    """A TCP connector with three differences to aiohttp's.

    - It asks the kernel whether the peer has closed an idle connection. aiohttp notices only when its event loop reads
      from the connection, and a request that is lost that way can be repeated for idempotent methods only.
    - It opens a refused connection again at once, a few times. That costs the app nothing, and the next connection may
      lead to another process.
    - It raises PoolClosed if the pool is closed. aiohttp would wait for ever, or cancel the waiting tasks.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._used: WeakSet[object] = WeakSet()

    async def connect(self, *args: Any, **options: Any) -> Connection:
        while True:
            connection = await self._connect_to_one(*args, **options)
            protocol = connection.protocol
            if protocol in self._used and _peer_closed(connection):
                connection.close()
                continue
            self._used.add(protocol)
            return connection

    async def _connect_to_one(self, *args: Any, **options: Any) -> Connection:
        for left in reversed(range(_FURTHER_ATTEMPTS + 1)):
            try:
                return await self._connect_once(*args, **options)
            except aiohttp.ClientConnectorError as error:
                if not left or not isinstance(error.os_error, ConnectionRefusedError):
                    raise
        raise AssertionError  # the last attempt returns or raises

    async def _connect_once(self, *args: Any, **options: Any) -> Connection:
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
    """Check whether the running task was cancelled. Python 3.10 cannot tell, so there it is always True."""
    cancelling = getattr(asyncio.current_task(), "cancelling", None)
    return cancelling is None or cancelling() > 0
