"""The one place that sleeps, so that tests need not: `flyte_runtime.testing.set_testing()` switches it off."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from flyte_runtime.errors import FlyteRuntimeError

__all__ = ["deadline", "require_asyncio", "skip_sleeps", "sleep"]

_skipping = False

if sys.version_info >= (3, 11):

    def deadline(seconds: float | None) -> asyncio.Timeout:
        """asyncio.timeout. Raises FlyteRuntimeError under another library than asyncio."""
        require_asyncio()
        return asyncio.timeout(seconds)

else:

    @asynccontextmanager
    async def deadline(seconds: float | None) -> AsyncIterator[None]:
        """asyncio.timeout, which Python 3.10 lacks, by the package that aiohttp brings there."""
        require_asyncio()
        from async_timeout import timeout  # type: ignore[import-not-found,unused-ignore]

        try:
            async with timeout(seconds):
                yield
        except asyncio.TimeoutError as error:  # there another class than TimeoutError
            raise TimeoutError from error


def require_asyncio() -> None:
    """Raises FlyteRuntimeError where no event loop of asyncio runs."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        msg = "no asyncio event loop is running here: flyte_runtime works with asyncio, and not with trio or others"
        raise FlyteRuntimeError(msg) from None


def skip_sleeps(skip: bool) -> None:
    """Whether `sleep` returns at once."""
    global _skipping
    _skipping = skip


async def sleep(seconds: float) -> None:
    """Like asyncio.sleep; under `skip_sleeps(True)` it only yields."""
    await asyncio.sleep(0 if _skipping else seconds)
