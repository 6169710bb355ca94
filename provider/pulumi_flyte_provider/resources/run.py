"""Everything that the operations of one run of the engine share."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

from pulumi_flyte_provider.messages.engine_log import EngineLog
from pulumi_flyte_provider.ownership.claims import Claims


@dataclass(frozen=True)
class Run:
    """One run of the engine, which has one process of the plugin. Safe to use from several threads.

    claims: the identities that the program's resources have.
    cancelled: set when the engine ends the run.
    log: the engine's log.
    """

    claims: Claims = field(default_factory=Claims)
    cancelled: threading.Event = field(default_factory=threading.Event)
    log: EngineLog = field(default_factory=EngineLog)
    _tasks: set[str] = field(default_factory=set)
    _topics: dict[str, str] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def record_task(self, version: str) -> None:
        """Record a version of a task that this run deploys, or would deploy if it is a preview."""
        with self._lock:
            self._tasks.add(version)

    def deploys_task(self, version: str) -> bool:
        """Return whether this run deploys the version."""
        with self._lock:
            return version in self._tasks

    def is_first(self, topic: str, urn: str) -> bool:
        """Return whether this resource is the first to meet a topic. The others need not report it again."""
        with self._lock:
            return self._topics.setdefault(topic, urn) == urn
