"""An application's lifespan with a limit: uvicorn waits for its start and its end without one."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

import uvicorn

from flyte_runtime.serving.uvicorn_internals import CancellableLifespan

__all__ = ["Lifespan"]

# Seconds for what an application does when it is cancelled.
_CANCELLED = 1.0


class Lifespan(CancellableLifespan):
    """`started` is called when the application has started, before uvicorn does anything else, and may raise.

    `ends` is when the application's shutdown is cancelled, on time.monotonic()'s clock.
    """

    def __init__(self, config: uvicorn.Config, started: Callable[[], None]) -> None:
        super().__init__(config)
        self._started = started
        self.ends: float | None = None

    async def startup(self) -> None:
        await super().startup()
        if not self.has_failed():
            self._started()

    def start_no_more(self) -> None:
        """Cancel a start that is under way; `has_failed` is True then. Nothing happens after it."""
        if self.is_starting():
            self.logger.info("Told to stop while the application starts.")
            self.cancel_start()

    async def shutdown(self) -> None:
        """Returns at `ends` or soon after it, whether or not the application has ended."""
        left = None if self.ends is None else max(_CANCELLED, self.ends - time.monotonic())
        try:
            await asyncio.wait_for(super().shutdown(), left)
        except asyncio.TimeoutError:
            self.logger.error("The application's shutdown takes too long: it is cancelled.")
            await self.cancel_end(_CANCELLED)
