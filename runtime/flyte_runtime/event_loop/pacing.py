"""Time limits and pauses. All pauses are here, so that `flyte_runtime.testing.set_testing()` can skip them."""

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
        """Limit a block of code to `seconds`, as asyncio.timeout does. Raises FlyteRuntimeError without asyncio."""
        require_asyncio()
        return asyncio.timeout(seconds)

else:

    @asynccontextmanager
    async def deadline(seconds: float | None) -> AsyncIterator[None]:
        """Limit a block of code to `seconds`. Python 3.10 has no asyncio.timeout; aiohttp depends on async_timeout."""
        require_asyncio()
        from async_timeout import timeout  # type: ignore[import-not-found,unused-ignore]

        try:
            async with timeout(seconds):
                yield
        except asyncio.TimeoutError as error:  # in Python 3.10 it is not the built-in TimeoutError
            raise TimeoutError from error


def require_asyncio() -> None:
    """Check that an asyncio event loop is running. Raises FlyteRuntimeError."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        msg = "no asyncio event loop is running here: flyte_runtime works with asyncio, and not with trio or others"
        raise FlyteRuntimeError(msg) from None


def skip_sleeps(skip: bool) -> None:
    """Make `sleep` return at once, or wait again."""
    global _skipping
    _skipping = skip


async def sleep(seconds: float) -> None:
    """Sleep for `seconds`. After `skip_sleeps(True)` it only yields to the event loop."""
    await asyncio.sleep(0 if _skipping else seconds)
