"""aiohttp's connector, whose calls are told when their pool is closed, rather than cancelled or left waiting."""

from __future__ import annotations

import asyncio
from typing import Any

import aiohttp
from aiohttp.connector import Connection

__all__ = ["Connector", "PoolClosed"]


class PoolClosed(RuntimeError):
    """There was no connection, so nothing was sent."""


class Connector(aiohttp.TCPConnector):
    """Raises PoolClosed where aiohttp waits for ever for a place in a pool that is closed (also with its own second
    attempt after a lost connection), or cancels those who waited when it was closed."""

    async def connect(self, *args: Any, **options: Any) -> Connection:
        if self.closed:
            raise PoolClosed("the pool of connections was closed")
        try:
            return await super().connect(*args, **options)
        except (aiohttp.ClientError, asyncio.CancelledError) as error:
            if self.closed and not _cancelled():
                raise PoolClosed("the pool of connections was closed") from error
            raise


def _cancelled() -> bool:
    """Whether somebody wants the running task to end. Python 3.10 cannot tell."""
    cancelling = getattr(asyncio.current_task(), "cancelling", None)
    return cancelling is None or cancelling() > 0
