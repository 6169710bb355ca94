"""A running process of an app or a task: a child of this server or of a warm worker, or one that was adopted."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import Awaitable

from flyte_local.processes.process import ProcessRecord, end_marked, signal_group

_POLL = 0.2
# Seconds for the exit code after SIGKILL. A warm worker that hangs does not report it.
_REPORT_SECONDS = 5.0


class RunningProcess:
    """A process from its start, or its adoption, to its end.

    `end` is awaited for the exit code. An adopted process has no `end`: only a parent gets the code. The code of a warm
    worker's child is lost if the worker dies.
    """

    def __init__(self, record: ProcessRecord, end: Awaitable[int | None] | None = None) -> None:
        assert record.pid is not None
        self.record = record
        self.pid: int = record.pid
        self._exit = asyncio.create_task(self._wait(end))

    @property
    def alive(self) -> bool:
        """True while the process runs."""
        return not self._exit.done()

    @property
    def exit(self) -> asyncio.Task[int | None]:
        """A task that is done once the process has ended. It must not be cancelled."""
        return self._exit

    async def wait(self) -> int | None:
        """Return the exit code, negative for a signal. None if it cannot be known."""
        return await asyncio.shield(self._exit)

    async def end(self, grace: float) -> None:
        """Send SIGTERM to the group. After `grace` seconds, send SIGKILL to the group and to what left it."""
        signal_group(self.pid, signal.SIGTERM)
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(self.wait(), grace)
        signal_group(self.pid, signal.SIGKILL)
        await end_marked(self.record.token)
        await asyncio.wait([self._exit], timeout=_REPORT_SECONDS)

    async def _wait(self, end: Awaitable[int | None] | None) -> int | None:
        code = await end if end is not None else None
        while code is None and self.record.alive:  # noqa: ASYNC110 (nobody tells when a foreign process ends)
            await asyncio.sleep(_POLL)
        return code
