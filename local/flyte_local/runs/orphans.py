"""Ends orphans: processes that an action started outside of its process group, and that outlive the action.

In a container, everything ends with the first process. Here a daemon of a task would run on unseen, and so would a
task's process that ends while no server watches it. Each carries the task's token. Looking at every process takes a
while, so one look serves many actions, a moment after an action has ended.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Set

import psutil

from flyte_local.processes.process import end_marked, mark, marked
from flyte_local.runs.records import Records

_log = logging.getLogger(__name__)
_MOMENT = 2.0


class Orphans:
    """Processes of actions that have ended. It is used from the event loop only.

    `awaited` are the tokens of processes that the runner waits for, also after their action has ended.
    """

    def __init__(self, instance_id: str, records: Records, awaited: Set[str]) -> None:
        self._mark = mark("task", instance_id)
        self._records = records
        self._awaited = awaited
        self._due = False
        self._sweep: asyncio.Task[None] | None = None

    def expect(self) -> None:
        """Note that an action has ended, and look for its orphans after a moment."""
        self._due = True
        if self._sweep is None or self._sweep.done():
            self._sweep = asyncio.create_task(self._sweeps())

    async def end(self) -> None:
        """End all orphans. No action runs any more."""
        if self._sweep is not None:
            self._sweep.cancel()
            await asyncio.gather(self._sweep, return_exceptions=True)
        await end_marked(self._mark)

    async def _sweeps(self) -> None:
        while self._due:
            await asyncio.sleep(_MOMENT)
            self._due = False
            await self._look()

    async def _look(self) -> None:
        processes = await asyncio.to_thread(marked, self._mark)
        # Read after the processes, because a token is in the store before its process exists.
        records = [self._records.process(key) for key in self._records.live()]
        running = {record.token for record in records if record is not None} | self._awaited
        for process, token in processes:
            if token not in running:
                _log.info("ending pid %s, which an action has left", process.pid)
                with contextlib.suppress(psutil.Error):
                    process.kill()
