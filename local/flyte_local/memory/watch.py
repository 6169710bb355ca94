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
# A workload that grows by 2 GiB/s is 0.4 GiB beyond its limit when it is seen.
_PAUSE = 0.2
# Reading exactly what is used takes 13 ms for 1 GiB.
_EXACT_PAUSE = 0.7


@dataclass(eq=False)
class WatchedWorkload:
    """A workload that is watched. `pid` is its first process."""

    pid: int
    token: str
    limit: MemoryLimit
    reason: str | None = None
    _exact_at: float = field(default=0.0, repr=False)

    def measure(self, pids: list[int]) -> int | None:
        """Measure the processes. Return the bytes that they use if they exceed the limit."""
        now = time.monotonic()
        if now < self._exact_at or sum(map(usage.at_most, pids)) <= self.limit.bytes:
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
        while True:
            with self._lock:
                workloads = list(self._workloads.values())
                has_new, self._has_new = self._has_new, False
                if not workloads:
                    self._thread = None
                    return
            try:
                if has_new:
                    trees.expect()
                members = trees.update({workload.pid: workload.token for workload in workloads})
                for workload in workloads:
                    _look(workload, members[workload.pid])
            except Exception:
                # The other workloads must stay watched.
                _log.exception("watching memory failed")
            time.sleep(_PAUSE)


def _look(workload: WatchedWorkload, pids: list[int]) -> None:
    if workload.reason is not None:
        workload.kill(pids)  # processes that were started while the workload was being ended
        return
    used = workload.measure(pids)
    if used is not None:
        workload.reason = workload.limit.exceeded(used)
        workload.kill(pids)
