"""Ends workloads that exceed their memory limit.

A limit of the address space would end correct workloads, since interpreters, threads and mapped files reserve far more
than they use. A control group takes privileges. So a thread measures the processes of every workload, and ends all
processes of a workload that exceeds its limit, as a container's processes end.
"""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import threading
import time
from dataclasses import dataclass, field

from flyte_local.memory import usage
from flyte_local.memory.limit import MemoryLimit
from flyte_local.memory.trees import ProcessTrees
from flyte_local.processes.process import kill_marked, signal_group

_log = logging.getLogger(__name__)
# A workload that grows by 2 GiB/s is 0.8 GiB beyond its limit when it is seen, and 0.1 GiB if it was near its limit.
_PAUSE = 0.4
_PAUSE_NEAR = 0.05
_NEAR = 0.5
# Reading exactly what is used takes 13 ms for 1 GiB.
_EXACT_PAUSE = 0.7


@dataclass(eq=False)
class WatchedWorkload:
    """A workload that is watched. `pid` is its first process."""

    pid: int
    token: str
    limit: MemoryLimit
    reason: str | None = None
    used: int = 0
    growing: bool = False
    _exact_at: float = field(default=0.0, repr=False)

    @property
    def near(self) -> bool:
        """True if the workload may soon exceed its limit."""
        return self.growing and self.used > self.limit.bytes * _NEAR

    def measure(self, pids: list[int]) -> int | None:
        """Measure the processes. Return the bytes that they use if they exceed the limit."""
        used = sum(map(usage.at_most, pids))
        self.growing, self.used = used > self.used, used
        now = time.monotonic()
        if used <= self.limit.bytes or now < self._exact_at:
            return None
        exact = sum(map(usage.exactly, pids))
        self._exact_at = now + _EXACT_PAUSE
        return exact if exact > self.limit.bytes else None

    def kill(self, pids: list[int]) -> None:
        """End all its processes at once."""
        signal_group(self.pid, signal.SIGKILL)
        for pid in pids:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)
        kill_marked(self.token)


class MemoryWatch:
    """The server's memory watch. Its thread runs while there are workloads to watch."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._has_new = False
        self._workloads: dict[int, WatchedWorkload] = {}
        self._thread: threading.Thread | None = None

    def begin(self, pid: int, token: str, limit: MemoryLimit) -> WatchedWorkload:
        """Watch a workload until `end`; `reason` says why it was ended, if the watch did that."""
        workload = WatchedWorkload(pid, token, limit)
        with self._lock:
            self._workloads[pid] = workload
            self._has_new = True
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="memory watch", daemon=True)
                self._thread.start()
        return workload

    def end(self, workload: WatchedWorkload) -> None:
        """End the watching."""
        with self._lock:
            if self._workloads.get(workload.pid) is workload:
                del self._workloads[workload.pid]

    def _run(self) -> None:
        trees = ProcessTrees()
        members: dict[int, list[int]] = {}
        full_at = 0.0
        while True:
            with self._lock:
                workloads = list(self._workloads.values())
                new, self._has_new = self._has_new, False
                if not workloads:
                    self._thread = None
                    return
            try:
                if new:
                    trees.expect()
                if new or time.monotonic() >= full_at:
                    members = trees.update({workload.pid: workload.token for workload in workloads})
                    full_at = time.monotonic() + _PAUSE
                    due = workloads
                else:
                    due = [workload for workload in workloads if workload.near]
                for workload in due:
                    _look(workload, members.get(workload.pid, []))
            except Exception:
                # The other workloads must stay watched.
                _log.exception("watching memory failed")
            near = any(workload.near for workload in workloads)
            time.sleep(_PAUSE_NEAR if near else _PAUSE)


def _look(workload: WatchedWorkload, pids: list[int]) -> None:
    if workload.reason is not None:
        workload.kill(pids)  # processes that were started while the workload was being ended
        return
    used = workload.measure(pids)
    if used is not None:
        workload.reason = workload.limit.exceeded(used)
        workload.kill(pids)
