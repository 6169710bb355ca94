"""An app: its declared state, its revisions, and which of them takes the traffic.

At most two revisions run: the one that serves and a candidate. The candidate takes over when it is healthy. If it
fails before, it is stopped and the old revision keeps serving. If no revision serves, a failing candidate is started
again and again, as an orchestrator would do.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Literal

from flyteidl2.app.app_definition_pb2 import App

from flyte_local.apps.replica import Replica
from flyte_local.apps.revision import Revision
from flyte_local.apps.scaling import Meter
from flyte_local.state.store import Store
from flyte_local.wire.app_key import AppKey

Phase = Literal["pending", "active", "failed", "stopped"]
APP_KIND = "app"
_STATE_KIND = "app-state"


@dataclass
class AppRecord:
    """The state of an app in the store, beside its declaration. Times are unix seconds.

    `python` is the interpreter of the last deployment. It is kept here for a stopped app, which has no revision.
    """

    latest: int = 0
    serving: int | None = None
    stopped: bool = False
    failure: str | None = None
    created_at: float = 0.0
    changed_at: float = 0.0
    python: str = ""


@dataclass(frozen=True)
class AppStatus:
    """The status of an app in the API."""

    phase: Phase
    message: str
    revision: int
    since: float


class ManagedApp:
    """An app that this server runs. Only the supervisor changes it."""

    def __init__(self, key: AppKey, app: App, record: AppRecord) -> None:
        self.key = key
        self.app = app
        self.record = record
        self.serving: Revision | None = None
        self.candidate: Revision | None = None
        self.draining: set[asyncio.Task[None]] = set()
        self.meter = Meter()
        self._seen: AppStatus | None = None
        self._change: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    @classmethod
    def load(cls, store: Store, key: AppKey, body: bytes) -> ManagedApp:
        """Return the app as the store has it. No revision runs yet."""
        state = store.get(_STATE_KIND, str(key))
        return cls(key, App.FromString(body), AppRecord(**json.loads(state)) if state else AppRecord())

    def save(self, store: Store) -> None:
        """Write declaration and record in one transaction."""
        with store.transaction():
            store.put(APP_KIND, str(self.key), self.app.SerializeToString(deterministic=True))
            store.put(_STATE_KIND, str(self.key), json.dumps(asdict(self.record)).encode())

    def remove(self, store: Store) -> None:
        """Delete the app from the store."""
        with store.transaction():
            store.delete(APP_KIND, str(self.key))
            store.delete(_STATE_KIND, str(self.key))

    @property
    def revisions(self) -> list[Revision]:
        """The revisions that run, the one that serves first."""
        return [revision for revision in (self.serving, self.candidate) if revision is not None]

    def pick(self) -> Replica | None:
        """Return the replica for the next request, or None if none is ready right now."""
        return next((replica for revision in self.revisions if (replica := revision.pick()) is not None), None)

    @property
    def replicas(self) -> int:
        """The number of processes that take requests."""
        return next((revision.ready for revision in self.revisions if revision.ready), 0)

    @property
    def may_become_ready(self) -> bool:
        """True if a request is worth holding: a revision starts, or a healthy one is being restarted."""
        return not self.record.stopped and any(revision.promising for revision in self.revisions)

    @property
    def asleep(self) -> bool:
        """True if the app is healthy and scaled to zero. Its next request starts it."""
        latest = self.candidate or self.serving
        return self._phase()[0] == "active" and latest is not None and latest.idle

    def status(self) -> AppStatus:
        """Return the status of the latest declaration.

        A failed update is a failure, although the old revision serves.
        """
        phase, message = self._phase()
        if self._seen is None or (self._seen.phase, self._seen.message) != (phase, message):
            since = self.record.changed_at if self._seen is None and self.record.changed_at else time.time()
            self._seen = AppStatus(phase, message, self.record.latest, since)
        return self._seen

    def _phase(self) -> tuple[Phase, str]:
        if self.record.stopped:
            return "stopped", "stopped"
        if self.record.failure:
            return "failed", self.record.failure
        latest = self.candidate or self.serving
        if latest is None:
            return "pending", "waiting to start"
        if latest.problem is None and latest.proven:
            return "active", f"revision {latest.number} {'is scaled to zero' if latest.idle else 'is healthy'}"
        if latest.problem is None:
            return "pending", f"revision {latest.number} is starting"
        if latest.promising:
            return "pending", f"{latest.problem}; it is being restarted"
        return "failed", latest.problem

    def notify(self) -> None:
        """Wake the waiters for a change."""
        self._change.set_result(None)
        self._change = asyncio.get_running_loop().create_future()

    async def change(self, timeout: float) -> None:
        """Return at the next change, or after `timeout` seconds."""
        await asyncio.wait({self._change}, timeout=timeout)


Listener = Callable[[ManagedApp, bool], None]
"""Called with an app that changed, and whether it was removed."""
