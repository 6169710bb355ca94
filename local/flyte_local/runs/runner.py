"""Runs actions from queued to their end: slots, processes, attempts, time limits, and recovery after a restart.

An action's state is in the store before and after each change of the world. So the next server can recover, even if
this one dies at any moment: it adopts processes that still run, reads results that were finished meanwhile, fails lost
actions with the reason, and queues actions that had not begun.
"""

from __future__ import annotations

import asyncio
import logging
import shutil
import signal
import time
from collections.abc import Callable, Coroutine
from contextlib import AsyncExitStack
from dataclasses import replace

from connectrpc.errors import ConnectError
from flyte_runtime.errors import reason_of
from flyteidl2.common.phase_pb2 import ActionPhase
from flyteidl2.core.catalog_pb2 import CatalogCacheStatus
from flyteidl2.task.task_definition_pb2 import TaskSpec
from flyteidl2.workflow.run_definition_pb2 import ActionDetails, ErrorInfo

from flyte_local.errors import LocalServerError
from flyte_local.memory.watch import MemoryWatch
from flyte_local.processes.process import ProcessRecord, end_marked, signal_group, spawn
from flyte_local.processes.running import RunningProcess
from flyte_local.runs.attempt import Attempt, Outcome, out_of_memory, system_error
from flyte_local.runs.command import CommandBuilder
from flyte_local.runs.orphans import Orphans
from flyte_local.runs.phases import (
    ABORTED,
    FAILED,
    PAUSED,
    QUEUED,
    SUCCEEDED,
    TIMED_OUT,
    begin_attempt,
    is_terminal,
    move,
    move_attempt,
)
from flyte_local.runs.records import Records
from flyte_local.runs.result_cache import ResultCache
from flyte_local.runs.slots import Slots, default_limit
from flyte_local.runs.task_action import TaskAction
from flyte_local.runs.time_limits import backoff
from flyte_local.secrets.redaction import mask_of, run_workload
from flyte_local.secrets.vault import Vault
from flyte_local.state.data_files import uri
from flyte_local.tasks.containers import termination_grace
from flyte_local.warm.pool import WarmPool
from flyte_local.wire.identifiers import action_key, run_key
from flyte_local.wire.times import seconds, stamp

_log = logging.getLogger(__name__)
_STOP_GRACE = 5.0
_ABORT_WAIT = 2.0


class Runner:
    """The server's one runner. One asyncio task an action; used from the event loop only."""

    def __init__(
        self,
        instance_id: str,
        records: Records,
        commands: CommandBuilder,
        cache: ResultCache,
        vault: Vault,
        warm: WarmPool,
        memory: MemoryWatch,
    ) -> None:
        self._instance_id = instance_id
        self._records = records
        self._commands = commands
        self._cache = cache
        self._vault = vault
        self._slots = Slots(default_limit())
        self._warm = warm
        self._memory = memory
        # Tokens of processes that are awaited. A process in its grace outlives its action.
        self._awaited: set[str] = set()
        self._orphans = Orphans(instance_id, records, self._awaited)
        self._stopping = False
        self._tasks: dict[str, asyncio.Task[None]] = {}

    async def start(self) -> None:
        """Pick up every action that the last server left."""
        await self._warm.begin()
        self._orphans.expect()
        for key in self._records.live():
            details = self._records.action(key)
            if details is None or is_terminal(details):
                continue
            parent = self._records.action(_parent_key(details)) if details.metadata.parent else None
            if parent is not None and is_terminal(parent):
                record = self._records.process(key)
                details.abort_info.reason = f"its parent {details.metadata.parent} has ended"
                self._end(details, ABORTED)
                if record is not None:
                    self._spawn(key, self._reap(key, record))
            elif details.status.phase == PAUSED:
                self.pause(details)
            elif details.status.phase == QUEUED:
                self.submit(details)
            else:
                self._begin(details, self._resume)

    async def stop(self) -> None:
        """End the running actions with that reason. Queued actions start with the next server."""
        self._stopping = True
        reason = system_error("ControlPlaneStopped", "the local control plane was stopped while the action ran")
        try:
            for key in list(self._tasks):
                details = self._records.action(key)
                if details is not None and details.attempts and not is_terminal(details):
                    self._end(details, FAILED, reason)
        finally:
            # This also runs if the home was removed and nothing can be written: no process may stay.
            tasks = list(self._tasks.values())
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await self._warm.end()
            await self._orphans.end()

    def submit(self, details: ActionDetails) -> None:
        """Queue a new action."""
        self._begin(details, self._drive)

    def pause(self, details: ActionDetails) -> None:
        """Wait for a condition's signal for as long as the condition allows."""
        self._begin(details, self._wait_for_signal)

    async def abort(self, key: str, reason: str) -> None:
        """Abort an action and all actions below it. Its processes have ended on return, unless they need longer.

        A process has its grace after SIGTERM, as on a cluster. The call does not wait for a long one.
        """
        details = self._records.action(key)
        if details is None or is_terminal(details):
            return
        details.abort_info.reason = reason
        details.abort_info.aborted_by.user.id.subject = "local"
        self._end(details, ABORTED)
        task = self._tasks.get(key)
        if task is not None:
            task.cancel()
            await asyncio.wait([task], timeout=_ABORT_WAIT)

    def finish(self, details: ActionDetails) -> None:
        """Record the end that `details` carries already: that of an answered condition."""
        self._records.save(details)
        self._after(details)
        if task := self._tasks.get(action_key(details.id)):
            task.cancel()

    # One action, one asyncio task.

    def _begin(self, details: ActionDetails, work: Callable[[str], Coroutine[None, None, None]]) -> None:
        key = action_key(details.id)
        if details.metadata.parent:
            self._slots.expect(_parent_key(details))
        self._spawn(key, work(key))

    def _spawn(self, key: str, work: Coroutine[None, None, None]) -> None:
        async def guarded() -> None:
            try:
                await work
            except asyncio.CancelledError:
                raise
            except Exception as error:  # The one place where a bug must not leave an action without an end.
                _log.exception("running action %s failed", key)
                details = self._records.action(key)
                if details is not None and not is_terminal(details):
                    self._end(details, FAILED, system_error("ControlPlaneError", f"{type(error).__name__}: {error}"))
            finally:
                self._tasks.pop(key, None)
                self._slots.give_back(key)
                self._orphans.expect()

        self._tasks[key] = asyncio.create_task(guarded(), name=f"action {key}")

    async def _drive(self, key: str) -> None:
        action = self._load(key)
        details, limits, cache_key = action.details, action.limits, action.plan.cache_key
        run_spec = self._records.run_spec(action.run)
        run_limit = run_spec.max_action_concurrency if run_spec else 0
        async with AsyncExitStack() as turn:
            if cache_key:
                if action.metadata.cache_serializable:
                    await turn.enter_async_context(self._cache.turn(action.scope, cache_key))
                cached_outputs = self._cache.find(action.scope, cache_key, action.metadata, run_spec)
                if cached_outputs is not None:
                    self._records.set_plan(key, replace(action.plan, outputs=cached_outputs))
                    details.status.cache_status = CatalogCacheStatus.CACHE_HIT
                    self._end(details, SUCCEEDED)
                    return
            try:
                left = limits.queue_left(seconds(details.status.start_time))
                await asyncio.wait_for(self._slots.take(key, action.run, run_limit), left)
            except asyncio.TimeoutError:
                self._end(details, TIMED_OUT, limits.queue_error())
                return
            await self._attempts(action)

    async def _resume(self, key: str) -> None:
        """Continue an action that was running when the last server died."""
        action = self._load(key)
        attempt = Attempt(action, len(action.details.attempts))
        folder = self._records.attempt_folder(key, attempt.number)
        self._slots.hold(key, action.run)
        process = self._records.process(key)
        if process is not None:
            process = await asyncio.to_thread(process.located)
        if process is not None and process.alive:
            outcome = await self._outcome(attempt, RunningProcess(process))
        elif process is not None and process.pid is None and not attempt.began(folder):
            # The server died between writing the attempt down and starting it.
            del action.details.attempts[-1]
            outcome = None
        else:
            outcome = attempt.outcome(None, folder)
        await self._attempts(action, outcome)

    async def _attempts(self, action: TaskAction, outcome: Outcome | None = None) -> None:
        """Make attempts until one succeeds or none is left. `outcome` is that of an attempt that has ended already."""
        key, details, retries = action.key, action.details, action.metadata.retries
        while True:
            if outcome is None:
                outcome = await self._attempt(action)
            outcome = outcome.masked(mask_of(self._vault, run_workload(action.run)))
            shutil.rmtree(self._records.attempt_folder(key, len(details.attempts)) / "secrets", ignore_errors=True)
            if not outcome.retry or len(details.attempts) > retries.retries or self._ended(key):
                break
            move_attempt(details.attempts[-1], FAILED, outcome.error, stamp(time.time()))
            details.status.phase = QUEUED
            self._records.save(details)
            await asyncio.sleep(backoff(retries, len(details.attempts)))
            outcome = None
        if outcome.phase == SUCCEEDED:
            # The unpacked code is not needed any more. A failed attempt keeps its folder for inspection.
            work = self._records.attempt_folder(key, len(details.attempts)) / "work"
            await asyncio.to_thread(shutil.rmtree, work, ignore_errors=True)
        if outcome.phase == SUCCEEDED and action.plan.cache_key:
            details.status.cache_status = CatalogCacheStatus.CACHE_POPULATED
            self._cache.put(action.scope, action.plan.cache_key, details.attempts[-1].outputs.output_uri)
        self._end(details, outcome.phase, outcome.error)

    async def _attempt(self, action: TaskAction) -> Outcome:
        key, details = action.key, action.details
        attempt = Attempt(action, len(details.attempts) + 1)
        try:
            # In a thread: staging a raw container's inputs copies files of any size.
            command = await asyncio.to_thread(self._commands.build, attempt)
        except (LocalServerError, ConnectError, OSError) as error:
            begin_attempt(details)
            return Outcome(FAILED, system_error("CannotStart", str(getattr(error, "message", "")) or reason_of(error)))
        plan = ProcessRecord.planned("task", self._instance_id)
        begin_attempt(details).outputs.output_uri = uri(attempt.outputs)
        self._records.set_process(key, plan)
        self._records.save(details)
        try:
            process = await self._warm.start(plan, command) or RunningProcess(*await spawn("task", plan, command))
        except LocalServerError as error:
            return Outcome(FAILED, system_error("CannotStart", str(error)))
        self._records.set_process(key, process.record)
        return await self._outcome(attempt, process)

    async def _outcome(self, attempt: Attempt, process: RunningProcess) -> Outcome:
        """Wait for the end of a process, within its time limits, and return the outcome."""
        action, limits, token = attempt.action, attempt.action.limits, process.record.token
        self._awaited.add(token)
        memory = self._memory.begin(process.pid, token, attempt.memory_limit)
        try:
            code = await asyncio.wait_for(process.wait(), limits.run_left(action.details))
        except asyncio.TimeoutError:
            await process.end(self._grace(action.spec))
            return Outcome(TIMED_OUT, limits.run_error())
        except asyncio.CancelledError:
            await asyncio.shield(process.end(self._grace(action.spec)))
            raise
        finally:
            self._memory.end(memory)
            self._awaited.discard(token)
        # Processes that the task left in its group would outlive it unseen.
        signal_group(process.pid, signal.SIGKILL)
        if memory.reason is not None:
            return out_of_memory(memory.reason)
        return attempt.outcome(code, self._records.attempt_folder(action.key, attempt.number))

    async def _reap(self, key: str, record: ProcessRecord) -> None:
        """End a process that an ended action may have left in the last server's time."""
        self._awaited.add(record.token)
        try:
            located = await asyncio.to_thread(record.located)
            if located.alive:
                await RunningProcess(located).end(self._grace(self._records.spec(key) or TaskSpec()))
            else:
                await end_marked(record.token)
        finally:
            self._awaited.discard(record.token)

    def _grace(self, spec: TaskSpec) -> float:
        """Return the seconds that a task has after SIGTERM. A server that stops waits no longer than its own limit."""
        grace = termination_grace(spec.task_template)
        return min(grace, _STOP_GRACE) if self._stopping else grace

    async def _wait_for_signal(self, key: str) -> None:
        details = self._records.action(key)
        if details is None:
            return
        limit = details.condition.timeout.ToTimedelta().total_seconds()
        if not limit:
            return
        await asyncio.sleep(max(0.0, seconds(details.status.start_time) + limit - time.time()))
        message = f"no signal came within {limit:g} s"
        self._end(details, TIMED_OUT, ErrorInfo(code="Timeout", message=message, kind=ErrorInfo.KIND_USER))

    # Ends.

    def _end(self, details: ActionDetails, phase: ActionPhase, error: ErrorInfo | None = None) -> None:
        self._orphans.expect()
        if self._ended(action_key(details.id)):
            return  # It was aborted while its process was ending: the first end counts.
        move(details, phase, error)
        self._records.save(details)
        self._after(details)

    def _ended(self, key: str) -> bool:
        current = self._records.action(key)
        return current is not None and is_terminal(current)

    def _after(self, details: ActionDetails) -> None:
        if details.metadata.parent:
            self._slots.ended(_parent_key(details))
        for child in self._records.live_children(action_key(details.id)):
            task = asyncio.create_task(self.abort(child, f"its parent {details.id.name} has ended"))
            self._tasks[f"abort {child}"] = task
            task.add_done_callback(lambda _, name=f"abort {child}": self._tasks.pop(name, None))  # type: ignore[misc]

    def _load(self, key: str) -> TaskAction:
        details, spec, plan = self._records.action(key), self._records.spec(key), self._records.plan(key)
        if details is None or spec is None or plan is None:
            raise LookupError(f"the records of action {key} are incomplete")
        return TaskAction(details, spec, plan)


def _parent_key(details: ActionDetails) -> str:
    return f"{run_key(details.id.run)}/{details.metadata.parent}"
