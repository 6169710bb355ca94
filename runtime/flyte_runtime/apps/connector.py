"""aiohttp's connector, which gives no connection that is dead already: neither one that the peer has closed, nor a
place in a pool that is closed. And one address may stand for several processes, of which it finds one that lives."""

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

# Further attempts where nobody listens. The address of a Kubernetes Service leads each new connection to a pod by
# chance, and a second or two long also to one that was killed. With one of two dead, five attempts fail once in 32.
_ANEW = 4


class PoolClosed(RuntimeError):
    """There was no connection, so nothing was sent."""


class Connector(aiohttp.TCPConnector):
    """Where aiohttp trusts a kept connection until its event loop has come to read that the peer closed it, this one
    asks the kernel: a request that is lost on such a connection could be tried again for idempotent methods only.

    A refused connection is opened anew at once, a few times: that costs the app nothing, and the next one may be led to
    another process.

    Raises PoolClosed where aiohttp waits for ever for a place in a pool that is closed (also with its own second
    attempt after a lost connection), or cancels those who waited when it was closed.
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
        for left in reversed(range(_ANEW + 1)):
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
    """Whether somebody wants the running task to end. Python 3.10 cannot tell."""
    cancelling = getattr(asyncio.current_task(), "cancelling", None)
    return cancelling is None or cancelling() > 0
