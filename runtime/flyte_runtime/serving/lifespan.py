"""An application's lifespan with time limits. uvicorn waits for its start and its end without a limit."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

import uvicorn

from flyte_runtime.serving.uvicorn_internals import CancellableLifespan

__all__ = ["Lifespan"]

# Seconds that an application has to end after it was cancelled.
_CANCELLED = 1.0


class Lifespan(CancellableLifespan):
    """A lifespan whose start can be cancelled and whose shutdown has a limit.

    `started` is called when the application has started, before uvicorn does anything else. It may raise.
    `shutdown_limit` is the time at which the application's shutdown is cancelled, on time.monotonic()'s clock.
    """

    def __init__(self, config: uvicorn.Config, started: Callable[[], None]) -> None:
        super().__init__(config)
        self._started = started
        self.shutdown_limit: float | None = None

    async def startup(self) -> None:
        await super().startup()
        if not self.has_failed():
            self._started()

    def abandon_start(self) -> None:
        """Cancel a start that is under way; `has_failed` is then True. Do nothing if the application has started."""
        if self.is_starting():
            self.logger.info("Told to stop while the application starts.")
            self.cancel_start()

    async def shutdown(self) -> None:
        """Wait for the application to end. Return soon after `shutdown_limit`, even if it has not ended."""
        limit = self.shutdown_limit
        seconds = None if limit is None else max(_CANCELLED, limit - time.monotonic())
        try:
            await asyncio.wait_for(super().shutdown(), seconds)
        except asyncio.TimeoutError:
            self.logger.error("The application's shutdown takes too long: it is cancelled.")
            await self.cancel_end(_CANCELLED)
