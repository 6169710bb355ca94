"""One app: its declared state, its revisions, and which of them takes the traffic.

At most two revisions run: the one that serves and a candidate that shall replace it. The candidate takes over when it
is healthy; where it fails first, it is stopped and the old one goes on serving. With nothing serving, a failing
candidate is tried again and again, as an orchestrator would.
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
    """What the store keeps of an app beside its declaration. Times are unix seconds.

    `python` is the interpreter that its last deployment named: a stopped app has no revision that would know it.
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
    """What a reader of the API sees."""

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
        self.lock = asyncio.Lock()
        self.meter = Meter()
        self._seen: AppStatus | None = None
        self._waiters: set[asyncio.Future[None]] = set()

    @classmethod
    def load(cls, store: Store, key: AppKey, body: bytes) -> ManagedApp:
        """As the store has it; no revision runs yet."""
        state = store.get(_STATE_KIND, str(key))
        return cls(key, App.FromString(body), AppRecord(**json.loads(state)) if state else AppRecord())

    def save(self, store: Store) -> None:
        """Writes declaration and record in one go."""
        with store.transaction():
            store.put(APP_KIND, str(self.key), self.app.SerializeToString(deterministic=True))
            store.put(_STATE_KIND, str(self.key), json.dumps(asdict(self.record)).encode())

    def remove(self, store: Store) -> None:
        """Takes it out of the store."""
        with store.transaction():
            store.delete(APP_KIND, str(self.key))
            store.delete(_STATE_KIND, str(self.key))

    def pick(self) -> Replica | None:
        """The replica for the next request; None where none is ready right now."""
        for revision in (self.serving, self.candidate):
            if revision is not None and (replica := revision.pick()) is not None:
                return replica
        return None

    @property
    def replicas(self) -> int:
        """How many processes take requests."""
        return next((r.ready for r in (self.serving, self.candidate) if r is not None and r.ready), 0)

    @property
    def may_become_ready(self) -> bool:
        """Whether a request is worth holding: a revision starts, or one that was healthy is being restarted."""
        running = (self.serving, self.candidate)
        return not self.record.stopped and any(r is not None and r.promising for r in running)

    @property
    def asleep(self) -> bool:
        """Whether the app is healthy and scaled to zero: its next request starts it."""
        latest = self.candidate or self.serving
        return self._phase()[0] == "active" and latest is not None and latest.idle

    def status(self) -> AppStatus:
        """Of the latest declaration, as Knative reports it: an update that failed is a failure, whoever serves."""
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
        """Wakes those who wait for a change."""
        for waiter in self._waiters:
            if not waiter.done():
                waiter.set_result(None)
        self._waiters.clear()

    async def change(self, timeout: float) -> None:
        """Returns at the next change, or after `timeout` seconds."""
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiters.add(waiter)
        try:
            await asyncio.wait({waiter}, timeout=timeout)
        finally:
            self._waiters.discard(waiter)


Listener = Callable[[ManagedApp, bool], None]
"""Called with an app that changed, and whether it was removed."""
