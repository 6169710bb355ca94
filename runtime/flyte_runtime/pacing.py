"""The one place that sleeps, so that tests need not: `flyte_runtime.testing.set_testing()` switches it off."""

from __future__ import annotations

import asyncio
import sys

if sys.version_info >= (3, 11):
    from asyncio import timeout as deadline
else:
    from async_timeout import timeout as deadline  # type: ignore[import-not-found,unused-ignore]

__all__ = ["deadline", "skip_sleeps", "sleep"]

_skipping = False


def skip_sleeps(skip: bool) -> None:
    """Whether `sleep` returns at once."""
    global _skipping
    _skipping = skip


async def sleep(seconds: float) -> None:
    """Like asyncio.sleep; under `skip_sleeps(True)` it only yields."""
    await asyncio.sleep(0 if _skipping else seconds)
