"""Synchronous calls: coroutines run on one background event loop, so that sync and async clients share their code."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import AsyncIterator, Coroutine, Iterator
from typing import Any, TypeVar

from flyte_runtime.errors import FlyteRuntimeError, WouldBlock

__all__ = ["iterate", "run", "stop"]

T = TypeVar("T")
_ENDING = "synchronous calls are not possible any more: the interpreter is ending"


class _Loop:
    """An event loop in a daemon thread. A forked process has no threads, so it gets another loop."""

    def __init__(self) -> None:
        self.pid = os.getpid()
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, name="flyte-runtime", daemon=True)
        try:
            self.thread.start()
        except RuntimeError as error:  # Python 3.12 starts no threads while the interpreter ends
            self.loop.close()
            raise FlyteRuntimeError(_ENDING) from error

    def stop(self) -> None:
        if self.pid != os.getpid() or not self.thread.is_alive():
            return
        # This also closes the connections: see apps.pools._Pool.
        asyncio.run_coroutine_threadsafe(self.loop.shutdown_asyncgens(), self.loop).result(timeout=5)
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(timeout=5)
        if not self.thread.is_alive():
            self.loop.close()


_lock = threading.Lock()
_current: _Loop | None = None
_stopped = False


def _background() -> _Loop:
    global _current
    with _lock:
        if _stopped:
            raise FlyteRuntimeError(_ENDING)
        if _current is None or _current.pid != os.getpid():
            _current = _Loop()
        return _current


def stop() -> None:
    """Close the connections of the background loop and end it. Later calls raise, because they would hang."""
    global _stopped
    with _lock:
        _stopped, background = True, _current
    if background is not None:
        background.stop()


def run(coroutine: Coroutine[Any, Any, T], instead: str) -> T:
    """Run the coroutine and return its result.

    Raises WouldBlock inside a running event loop, with `instead` as the suggestion. Raises FlyteRuntimeError when the
    interpreter is ending.
    """
    try:
        background = _background()
    except FlyteRuntimeError:
        coroutine.close()
        raise
    if threading.current_thread() is background.thread or _in_loop():
        coroutine.close()
        msg = f"a synchronous call inside a running event loop would block everything in it: {instead}"
        raise WouldBlock(msg)
    future = asyncio.run_coroutine_threadsafe(coroutine, background.loop)
    try:
        return future.result()
    except BaseException:  # KeyboardInterrupt here, or the coroutine's own error
        future.cancel()
        raise


def iterate(items: AsyncIterator[T], instead: str) -> Iterator[T]:
    """Yield the items one by one. Raises the errors of `run`."""
    while True:
        try:
            yield run(_next(items), instead)
        except StopAsyncIteration:
            return


async def _next(items: AsyncIterator[T]) -> T:
    return await items.__anext__()


def _in_loop() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True
