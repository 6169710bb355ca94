"""The connection pools: one httpx transport for each event loop, opened when first used. Tests may replace it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from weakref import WeakKeyDictionary

import httpx

from flyte_runtime.apps.limits import KEEPALIVE, MAX_CONNECTIONS, MAX_CONNECTIONS_PER_HOST

__all__ = ["aclose", "override", "transport_for"]


class _Pool:
    """A transport that closes with its event loop.

    asyncio.run, uvicorn and Jupyter end a loop with `shutdown_asyncgens`, which finalises every open async generator.
    The pool holds such a generator open. It closes the connections, even if nobody calls `aclose`.
    """

    def __init__(self) -> None:
        self.transport = _open()
        self._guard = self._until_loop_ends()

    async def start(self) -> None:
        await self._guard.__anext__()

    async def aclose(self) -> None:
        await self._guard.aclose()

    async def _until_loop_ends(self) -> AsyncGenerator[None, None]:
        try:
            yield
        finally:
            # The connections of the pool refer to the loop, so the entry would keep the loop alive.
            _forget(self)
            await self.transport.aclose()


_pools: WeakKeyDictionary[asyncio.AbstractEventLoop, _Pool] = WeakKeyDictionary()
_overrides: dict[str, httpx.AsyncBaseTransport] = {}


def _forget(pool: _Pool) -> None:
    loop = asyncio.get_running_loop()
    if _pools.get(loop) is pool:
        del _pools[loop]


async def transport_for(base: str) -> httpx.AsyncBaseTransport:
    """Return the transport for calls to the app at `base`: the running loop's pool, or the one that a test has set."""
    if _overrides and (replacement := _overrides.get(base)) is not None:
        return replacement
    loop = asyncio.get_running_loop()
    pool = _pools.get(loop)
    if pool is None:
        pool = _Pool()
        await pool.start()
        # Two calls at once may both create a pool. The second pool is closed again.
        first = _pools.setdefault(loop, pool)
        if first is not pool:
            await pool.aclose()
        pool = first
    return pool.transport


async def aclose() -> None:
    """Close the running loop's connections. The next call opens new ones."""
    pool = _pools.pop(asyncio.get_running_loop(), None)
    if pool is not None:
        await pool.aclose()


def override(base: str, transport: httpx.AsyncBaseTransport | None) -> httpx.AsyncBaseTransport | None:
    """Send calls to the app at `base` through `transport`. None means the network.

    Return the transport that was set before.
    """
    previous = _overrides.pop(base, None)
    if transport is not None:
        _overrides[base] = transport
    return previous


def _open() -> httpx.AsyncBaseTransport:
    try:
        from flyte_runtime.apps.aiohttp_transport import AiohttpTransport
    except ImportError:  # the image has httpx, but not aiohttp
        limits = httpx.Limits(
            max_connections=MAX_CONNECTIONS,
            max_keepalive_connections=MAX_CONNECTIONS_PER_HOST,
            keepalive_expiry=KEEPALIVE,
        )
        return httpx.AsyncHTTPTransport(limits=limits, trust_env=False)
    return AiohttpTransport()
