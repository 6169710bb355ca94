"""The end of a process that was told to stop and does not, whatever holds it up."""

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
    """Within the block, `begin(signal)` gives it `seconds` to end; then the process exits with 128 + that number.

    It is a thread, so it also ends a process whose event loop is blocked, or that waits for the application's threads.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        # The signal's number, and 0 for the block's end. Of all queues this one may be used by a signal handler.
        self._said: SimpleQueue[int] = SimpleQueue()

    def __enter__(self) -> Self:
        Thread(target=self._wait, name="flyte-runtime-deadline", daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._said.put(0)

    def begin(self, signal: int) -> None:
        """For a signal handler, once."""
        self._said.put(signal)

    def _wait(self) -> None:
        signal = self._said.get()
        if not signal:
            return
        try:
            self._said.get(timeout=self._seconds)
        except Empty:
            # No logging: what holds the process up may hold its locks as well.
            os.write(2, f"flyte-runtime: not stopped {self._seconds:g} s after the signal, so it ends now\n".encode())
            os._exit(128 + signal)
