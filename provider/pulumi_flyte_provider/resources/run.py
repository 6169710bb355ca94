"""The state that all operations of one run of the engine share."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

from pulumi_flyte_provider.messages.engine_log import EngineLog
from pulumi_flyte_provider.ownership.claims import Claims


@dataclass(frozen=True)
class Run:
    """One run of the engine, which has its own process of the plugin. Several threads may use it.

    claims: the identities that the program's resources have claimed.
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
        """Record a version of a task that this run deploys. A preview records the version that it would deploy."""
        with self._lock:
            self._tasks.add(version)

    def deploys_task(self, version: str) -> bool:
        """Check whether this run deploys the version."""
        with self._lock:
            return version in self._tasks

    def is_first(self, topic: str, urn: str) -> bool:
        """Check whether this resource is the first that reports a topic. The others need not report it again."""
        with self._lock:
            return self._topics.setdefault(topic, urn) == urn
