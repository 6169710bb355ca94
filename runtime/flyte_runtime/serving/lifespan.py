"""uvicorn's side of an application's lifespan, which can be given up: uvicorn waits for its start and end for ever."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable

import uvicorn
from uvicorn.lifespan.on import LifespanOn

__all__ = ["Lifespan"]

# Seconds for what an application does when it is cancelled.
_CANCELLED = 1.0
# Takes what uvicorn says of a lifespan that was given up: that it failed, or that there is none.
_NOWHERE = logging.Logger("flyte_runtime.serving.given_up", level=logging.CRITICAL + 1)


class Lifespan(LifespanOn):
    """`started` is called when the application has started, before uvicorn does anything else, and may raise.

    `ends` is when the application's shutdown is cancelled, on time.monotonic()'s clock.
    """

    def __init__(self, config: uvicorn.Config, started: Callable[[], None]) -> None:
        super().__init__(config)
        self._started = started
        self.ends: float | None = None
        self._running: asyncio.Task[None] | None = None

    async def main(self) -> None:
        self._running = asyncio.current_task()
        await super().main()

    async def startup(self) -> None:
        await super().startup()
        if not self.should_exit:
            self._started()

    def start_no_more(self) -> None:
        """Cancel a start that is under way; `should_exit` is set then. Nothing happens after it."""
        if self._running is not None and not self.startup_event.is_set():
            self.logger.info("Told to stop while the application starts.")
            self.startup_failed = True
            self._give_up(self._running)

    async def shutdown(self) -> None:
        """Returns at `ends` or soon after it, whether or not the application has ended."""
        left = None if self.ends is None else max(_CANCELLED, self.ends - time.monotonic())
        try:
            await asyncio.wait_for(super().shutdown(), left)
        except asyncio.TimeoutError:
            self.logger.error("The application's shutdown takes too long: it is cancelled.")
            self.shutdown_failed = True
            if self._running is not None:
                self._give_up(self._running)
                await asyncio.wait({self._running}, timeout=_CANCELLED)

    def _give_up(self, running: asyncio.Task[None]) -> None:
        self.logger = _NOWHERE
        running.cancel()
