"""The event loop on which components are constructed, in a separate thread.

The constructor of a component creates outputs, which belong to an event loop. It also reads the user's source, which
may take as long as importing that code. On a separate loop it does not delay Cancel or other resources.

When the engine cancels, every component that is still being constructed is answered with `otherwise` at once. After a
failure the engine does not answer the registrations of components. Without this, a component would still wait when the
engine closes the connection, and the engine would report the closed connection as a problem of the component.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

T = TypeVar("T")
THREADS = 64  # Each registration waits in a thread. A waiting thread costs almost nothing.


class ComponentLoop:
    """The event loop. The first component starts it."""

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._ended = asyncio.Event()

    async def run(self, work: Coroutine[Any, Any, T], otherwise: T) -> T:
        """Run `work` and return its result. Return `otherwise` as soon as the run has ended."""
        if self._ended.is_set():
            work.close()
            return otherwise
        result = asyncio.wrap_future(asyncio.run_coroutine_threadsafe(work, self._started()))
        ended: asyncio.Future[Any] = asyncio.ensure_future(self._ended.wait())
        futures: set[asyncio.Future[Any]] = {result, ended}
        await asyncio.wait(futures, return_when=asyncio.FIRST_COMPLETED)
        ended.cancel()
        if result.done():
            return result.result()
        result.cancel()
        return otherwise

    def end(self) -> None:
        """End the run. All current and later calls of `run` return `otherwise`."""
        self._ended.set()

    def _started(self) -> asyncio.AbstractEventLoop:
        if self._loop is None:
            self._loop = asyncio.new_event_loop()
            self._loop.set_default_executor(ThreadPoolExecutor(THREADS, thread_name_prefix="registration"))
            threading.Thread(target=self._loop.run_forever, name="components", daemon=True).start()
        return self._loop
