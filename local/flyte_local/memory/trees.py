"""Maps processes to workloads.

A workload's first process leads a session. The processes of that session belong to the workload, and so do the
processes that they start, and every process with the workload's token in its environment: a daemon leaves both its
session and its parent.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Mapping

import psutil

from flyte_local.processes.environment import PROCESS_VARIABLE


class ProcessTrees:
    """The processes of several workloads. A process is examined once, and keeps its workload until it ends."""

    def __init__(self) -> None:
        self._roots: dict[int, int] = {}  # The first process of the workload, by pid.
        self._others: set[int] = set()  # Processes of no workload.

    def expect(self) -> None:
        """Prepare for a new workload: processes that were seen before may belong to it."""
        self._others.clear()

    def update(self, tokens: Mapping[int, str]) -> dict[int, list[int]]:
        """Return the processes of each workload that run now. `tokens` has the workloads, by their first process."""
        running = psutil.pids()
        self._roots = {pid: self._roots[pid] for pid in running if self._roots.get(pid) in tokens}
        self._others.intersection_update(running)
        by_token = {token: root for root, token in tokens.items()}
        for pid in running:
            if pid not in self._roots and (pid in tokens or pid not in self._others):
                root = self._root(pid, tokens, by_token)
                if root is None:
                    self._others.add(pid)
                else:
                    self._roots[pid] = root
                    self._others.discard(pid)
        members: dict[int, list[int]] = {root: [] for root in tokens}
        for pid, root in self._roots.items():
            members[root].append(pid)
        return members

    def _root(self, pid: int, tokens: Mapping[int, str], by_token: Mapping[str, int]) -> int | None:
        if pid in tokens:
            return pid
        with contextlib.suppress(OSError):
            session = os.getsid(pid)
            if session in tokens:
                return session
        with contextlib.suppress(psutil.Error, OSError):
            process = psutil.Process(pid)
            parent = process.ppid()
            if parent in self._roots:
                return self._roots[parent]
            return by_token.get(process.environ().get(PROCESS_VARIABLE, ""))
        return None
