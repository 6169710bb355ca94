"""The event loop on which components are made, in a thread of its own.

A component's constructor makes outputs, which belong to an event loop, and reads the user's source, which may take as
long as that code takes to import. On a loop of its own it holds up neither Cancel nor any other resource.

When the engine cancels, every component that is still being made gets the answer of `otherwise` at once. After a
failure the engine leaves what components register without an answer. A component that waited for one would still be
waiting when the engine closes the connection, and the engine would print the closed connection as that component's
problem.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

T = TypeVar("T")
THREADS = 64  # Each registration waits in one of them; a waiting thread costs nothing.


class ComponentLoop:
    """The event loop. It is started when the first component needs it."""

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._ended = asyncio.Event()

    async def run(self, work: Coroutine[Any, Any, T], otherwise: T) -> T:
        """Return or raise what `work` does; return `otherwise` as soon as the run has ended."""
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
        """Answer everything that is still being made, and all that comes after."""
        self._ended.set()

    def _started(self) -> asyncio.AbstractEventLoop:
        if self._loop is None:
            self._loop = asyncio.new_event_loop()
            self._loop.set_default_executor(ThreadPoolExecutor(THREADS, thread_name_prefix="registration"))
            threading.Thread(target=self._loop.run_forever, name="components", daemon=True).start()
        return self._loop
