"""The last few hundred events of each app, in the store.

They answer questions that a status cannot answer, such as whether one app started only after another was healthy.
"""

from __future__ import annotations

import json
import time
from dataclasses import asdict, dataclass
from typing import Literal

from flyte_local.state.store import Store
from flyte_local.wire.app_key import AppKey

EventName = Literal["starting", "healthy", "unhealthy", "exited", "adopted", "scaled", "draining", "stopped"]
KEPT = 200
_KIND = "app-event"


@dataclass(frozen=True)
class AppEvent:
    """One event; `at` is unix seconds."""

    app: str
    revision: int
    event: str
    at: float
    detail: str = ""


class AppEvents:
    """The event log of every app."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._sequence = time.time_ns()

    def record(self, key: AppKey, revision: int, event: EventName, detail: str = "") -> None:
        """Write an event down, forgetting the oldest ones of the app."""
        # New events come after old ones of the same server, even if the clock was set back.
        self._sequence = max(self._sequence + 1, time.time_ns())
        entry = AppEvent(str(key), revision, event, time.time(), detail)
        with self._store.transaction():
            self._store.put(_KIND, f"{key}#{self._sequence:020d}", json.dumps(asdict(entry)).encode())
            keys = [name for name, _ in self._store.list(_KIND, f"{key}#")]
            for old in keys[:-KEPT]:
                self._store.delete(_KIND, old)

    def list(self, project: str = "", domain: str = "", app: str = "") -> list[AppEvent]:
        """Return events, oldest first; an empty argument means all."""
        # Not by their times: the clock may have been set back.
        records = sorted(self._store.list(_KIND), key=lambda record: record[0].rpartition("#")[2])
        entries = [AppEvent(**json.loads(body)) for _, body in records]
        return [e for e in entries if _matches(e.app, project, domain, app)]

    def forget(self, key: AppKey) -> None:
        """Remove an app's events."""
        with self._store.transaction():
            for name, _ in self._store.list(_KIND, f"{key}#"):
                self._store.delete(_KIND, name)


def _matches(text: str, project: str, domain: str, app: str) -> bool:
    key = AppKey.parse(text)
    return (
        (not project or key.project == project)
        and (not domain or key.domain == domain)
        and (not app or key.name == app)
    )
