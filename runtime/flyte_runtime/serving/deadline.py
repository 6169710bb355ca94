"""A deadline for a process to end after a stop signal."""

from __future__ import annotations

import os
from queue import Empty, SimpleQueue
from threading import Thread
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import TracebackType

    from typing_extensions import Self

__all__ = ["Deadline"]


class Deadline:
    """A context manager that ends the process if its block does not end `seconds` after `begin(signal)`.

    The exit code is 128 plus the number of the signal. The deadline runs in a thread, so it works even if the event
    loop is blocked or the process waits for the application's threads.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        # Gets the number of the signal, and 0 at the end of the block. Only SimpleQueue is safe in a signal handler.
        self._events: SimpleQueue[int] = SimpleQueue()

    def __enter__(self) -> Self:
        Thread(target=self._wait, name="flyte-runtime-deadline", daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._events.put(0)

    def begin(self, signal: int) -> None:
        """Start the time. Call this once; a signal handler may call it."""
        self._events.put(signal)

    def _wait(self) -> None:
        signal = self._events.get()
        if not signal:
            return
        try:
            self._events.get(timeout=self._seconds)
        except Empty:
            # Do not log here: the code that hangs may hold the locks of `logging`.
            os.write(2, f"flyte-runtime: not stopped {self._seconds:g} s after the signal, so it ends now\n".encode())
            os._exit(128 + signal)
