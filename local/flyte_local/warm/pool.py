"""Warm workers: one for each interpreter that runs tasks. It starts with the first task and ends when it is idle.

A task that starts warm is a process like any other, with a pid and a group of its own, its token in its environment and
its output in its log. A task that cannot start warm starts as a new process instead.
"""

from __future__ import annotations

import asyncio
import logging
import os
import sys
import time
from collections.abc import Mapping

from flyte_local.processes.environment import PROCESS_VARIABLE, flyte_environment
from flyte_local.processes.process import Command, ProcessRecord, kill_marked, mark
from flyte_local.processes.running import RunningProcess
from flyte_local.state.context import Context
from flyte_local.warm.eligibility import interpreter_of, script_of, startup_variables
from flyte_local.warm.link import WarmLink, WorkerError

WARM_VARIABLE = "FLYTE_LOCAL_WARM"
_log = logging.getLogger(__name__)
_MOST = 4
_IDLE_SECONDS = 300.0
_RETRY_SECONDS = 60.0


class WarmPool:
    """The server's warm workers. It is used from the event loop only. `FLYTE_LOCAL_WARM=0` turns it off."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._enabled = sys.platform == "linux" and os.environ.get(WARM_VARIABLE, "") != "0"
        # The key is the interpreter. The one that was used last is at the end.
        self._links: dict[str, asyncio.Task[WarmLink]] = {}
        self._retired: list[WarmLink] = []
        self._failed: dict[str, float] = {}

    async def begin(self) -> None:
        """End the workers that a killed server has left, so that they start nothing more. Their children run on."""
        await asyncio.to_thread(kill_marked, mark("warm", self._context.instance_id))

    async def end(self) -> None:
        """End the workers. Their children should have ended before."""
        self._enabled = False
        tasks = list(self._links.values())
        for task in tasks:
            if not task.done():
                task.cancel()
        results = await asyncio.gather(*tasks, return_exceptions=True)
        links = [link for link in results if isinstance(link, WarmLink)]
        await asyncio.gather(*(link.end() for link in [*links, *self._retired]))

    async def start(self, plan: ProcessRecord, command: Command) -> RunningProcess | None:
        """Start an `a0` command in a child of a worker.

        Return None if it needs a new process; nothing has begun then.
        """
        environment = command.environment
        script = script_of(command.argv[0], environment.get("PATH", "")) if self._enabled else None
        python = interpreter_of(script) if script else None
        if script is None or python is None:
            return None
        base = flyte_environment(self._context, "", "", python)
        if startup_variables(environment) != startup_variables(base):
            return None
        task = {
            "argv": [str(script), *command.argv[1:]],
            "environment": {**environment, PROCESS_VARIABLE: plan.token},
            "folder": str(command.folder),
            "log": str(command.log),
        }
        try:
            link = await self._link(python, {**startup_variables(base), "PATH": base["PATH"]})
            return await link.start(plan, task)
        except (WorkerError, OSError) as error:
            now = time.monotonic()
            if now - self._failed.get(python, -_RETRY_SECONDS) >= _RETRY_SECONDS:
                _log.warning("no warm worker with %s (%s): its tasks start as new processes", python, error)
                self._failed[python] = now
            return None

    async def _link(self, python: str, environment: Mapping[str, str]) -> WarmLink:
        """Return the interpreter's worker. Raises WorkerError if it could not start a moment ago."""
        task = self._links.pop(python, None)
        if task is not None and task.done() and not _usable(task):
            if not task.cancelled() and task.exception() is None:
                self._retire(task.result())
            elif time.monotonic() - self._failed.get(python, -_RETRY_SECONDS) < _RETRY_SECONDS:
                self._links[python] = task
                raise WorkerError("it could not start a moment ago")
            task = None
        if task is None:
            self._make_room()
            token = ProcessRecord.planned("warm", self._context.instance_id).token
            task = asyncio.create_task(WarmLink.launch(python, environment, token, _IDLE_SECONDS))
        self._links[python] = task
        # Several tasks may wait for one worker. An aborted one must not cancel the start for the others.
        return await asyncio.shield(task)

    def _make_room(self) -> None:
        for python, task in list(self._links.items()):
            if len(self._links) < _MOST:
                return
            if task.done():
                del self._links[python]
                if not task.cancelled() and task.exception() is None:
                    self._retire(task.result())

    def _retire(self, link: WarmLink) -> None:
        link.retire()
        self._retired = [*(other for other in self._retired if other.running), link]


def _usable(task: asyncio.Task[WarmLink]) -> bool:
    return not task.cancelled() and task.exception() is None and task.result().open and task.result().fresh
