"""The seam between calls and the network: one pooled httpx transport for each event loop, opened when first used."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from weakref import WeakKeyDictionary

import httpx

from flyte_runtime.apps.limits import KEEPALIVE, MAX_CONNECTIONS, MAX_CONNECTIONS_PER_HOST

__all__ = ["aclose", "override", "transport_for"]


class _Pool:
    """A transport that closes with its loop.

    asyncio.run, uvicorn and Jupyter end a loop with `shutdown_asyncgens`, which finalises every open asynchronous
    generator; so one that is held open here closes the connections even where nobody calls `aclose`.
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
            # A loop's entry holds the loop, through its connections.
            _forget(self)
            await self.transport.aclose()


_pools: WeakKeyDictionary[asyncio.AbstractEventLoop, _Pool] = WeakKeyDictionary()
_overrides: dict[str, httpx.AsyncBaseTransport] = {}


def _forget(pool: _Pool) -> None:
    loop = asyncio.get_running_loop()
    if _pools.get(loop) is pool:
        del _pools[loop]


async def transport_for(base: str) -> httpx.AsyncBaseTransport:
    """The transport for calls to the app at `base`: the running loop's pool, unless a test put another there."""
    if _overrides and (replaced := _overrides.get(base)) is not None:
        return replaced
    loop = asyncio.get_running_loop()
    pool = _pools.get(loop)
    if pool is None:
        pool = _Pool()
        await pool.start()
        # Two first calls at once may both come here; the second one's pool serves nobody and is closed.
        kept = _pools.setdefault(loop, pool)
        if kept is not pool:
            await pool.aclose()
        pool = kept
    return pool.transport


async def aclose() -> None:
    """Close the running loop's connections. The next call opens new ones."""
    pool = _pools.pop(asyncio.get_running_loop(), None)
    if pool is not None:
        await pool.aclose()


def override(base: str, transport: httpx.AsyncBaseTransport | None) -> httpx.AsyncBaseTransport | None:
    """Send calls to the app at `base` through `transport`, None: through the network. What it was before."""
    before = _overrides.pop(base, None)
    if transport is not None:
        _overrides[base] = transport
    return before


def _open() -> httpx.AsyncBaseTransport:
    try:
        from flyte_runtime.apps.aiohttp_transport import AiohttpTransport
    except ImportError:  # an image that carries httpx only
        limits = httpx.Limits(
            max_connections=MAX_CONNECTIONS,
            max_keepalive_connections=MAX_CONNECTIONS_PER_HOST,
            keepalive_expiry=KEEPALIVE,
        )
        return httpx.AsyncHTTPTransport(limits=limits, trust_env=False)
    return AiohttpTransport()
