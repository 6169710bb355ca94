"""Deployed triggers and their history.

A deletion is soft, as in Flyte. The record stays with its time of deletion and its revision, and deploying the trigger
again restores it with the next revision.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime, timezone

from connectrpc.code import Code
from connectrpc.errors import ConnectError
from flyteidl2.common.identifier_pb2 import TriggerIdentifier, TriggerName
from flyteidl2.task.common_pb2 import TriggerAutomationSpec
from flyteidl2.task.task_definition_pb2 import TaskIdentifier
from flyteidl2.trigger import trigger_definition_pb2 as definition

from flyte_local.state.store import Store
from flyte_local.tasks.schedule import ScheduleError, next_fire
from flyte_local.tasks.versions import Tasks, task_of
from flyte_local.wire.identifiers import invalid, trigger_key
from flyte_local.wire.times import seconds, stamp

_KIND = "trigger"
_REVISION = "trigger-revision"
_FAILURE = "trigger-failure"


@dataclass(frozen=True)
class Failure:
    """A firing that could not start its run. `at` is in unix seconds."""

    at: float
    message: str


class Triggers:
    """Reads and writes triggers. The event `changed` is set after every change; the scheduler waits for it."""

    def __init__(self, store: Store, tasks: Tasks) -> None:
        self._store = store
        self._tasks = tasks
        self.changed = asyncio.Event()

    def get(self, name: TriggerName) -> definition.TriggerDetails | None:
        """Return a trigger that was not deleted."""
        trigger = self._read(trigger_key(name))
        return None if trigger is None or trigger.status.HasField("deleted_at") else trigger

    def all(self, prefix: str = "") -> list[definition.TriggerDetails]:
        """Return the triggers whose key starts with `prefix`, without the deleted ones."""
        triggers = [definition.TriggerDetails.FromString(body) for _, body in self._store.list(_KIND, prefix)]
        return [trigger for trigger in triggers if not trigger.status.HasField("deleted_at")]

    def deploy(
        self, name: TriggerName, spec: definition.TriggerSpec, automation: TriggerAutomationSpec, revision: int = 0
    ) -> definition.TriggerDetails:
        """Write a trigger. `revision` above 0 must be the current one. Raises INVALID_ARGUMENT on a bad schedule."""
        key = trigger_key(name)
        check_automation(name.name, automation)
        existing = self._read(key)
        current = existing.id.revision if existing else 0
        if revision and revision != current:
            raise ConnectError(
                Code.FAILED_PRECONDITION,
                f"trigger {name.name!r} is at revision {current}, not {revision}: read it again and redo the change",
            )
        now = stamp(time.time())
        details = definition.TriggerDetails(
            id=TriggerIdentifier(name=name, revision=current + 1), spec=spec, automation_spec=automation
        )
        details.metadata.deployed_by.user.id.subject = details.metadata.updated_by.user.id.subject = "local"
        details.status.deployed_at.CopyFrom(existing.status.deployed_at if existing else now)
        details.status.updated_at.CopyFrom(now)
        if existing is not None and existing.status.HasField("triggered_at"):
            details.status.triggered_at.CopyFrom(existing.status.triggered_at)
        if spec.description:
            details.description = spec.description
        self._write(key, details, definition.TRIGGER_REVISION_ACTION_DEPLOY)
        return details

    def set_active(self, names: Iterable[TriggerName], active: bool) -> None:
        """Switch triggers on or off; missing ones are skipped, as in Flyte."""
        action = (
            definition.TRIGGER_REVISION_ACTION_ACTIVATE if active else definition.TRIGGER_REVISION_ACTION_DEACTIVATE
        )
        for name in names:
            trigger = self.get(name)
            if trigger is not None and trigger.spec.active != active:
                trigger.spec.active = active
                self._change(trigger, action)

    def delete(self, names: Iterable[TriggerName]) -> None:
        """Delete triggers softly; missing ones are skipped, as in Flyte."""
        for name in names:
            trigger = self.get(name)
            if trigger is not None:
                trigger.status.deleted_at.CopyFrom(stamp(time.time()))
                self._store.delete(_FAILURE, trigger_key(name))
                self._change(trigger, definition.TRIGGER_REVISION_ACTION_DELETE)

    def prune(self, task: TaskIdentifier, keep: set[str]) -> None:
        """Delete the triggers of a task that are not in `keep`."""
        self.delete(trigger.id.name for trigger in self.all(task_of(task)) if trigger.id.name.name not in keep)

    def fired(self, name: TriggerName, at: float, problem: str) -> None:
        """Record a firing, with the problem if it could not start its run. This is not a new revision."""
        key = trigger_key(name)
        trigger = self.get(name)
        if trigger is None:
            return  # it was deleted while it fired
        if problem:
            self._store.put(_FAILURE, key, json.dumps(asdict(Failure(at, problem))).encode())
        else:
            self._store.delete(_FAILURE, key)
        trigger.status.triggered_at.CopyFrom(stamp(at))
        self._store.put(_KIND, key, trigger.SerializeToString())

    def failure(self, name: TriggerName) -> Failure | None:
        """Return the failure of a trigger's last firing. None if it started its run, or never fired."""
        return self._store.read(_FAILURE, trigger_key(name), lambda body: Failure(**json.loads(body)))

    def revision(self, identifier: TriggerIdentifier) -> definition.TriggerDetails | None:
        """Return one revision of a trigger, also if the trigger was deleted."""
        return self._store.read(_REVISION, _revision_key(identifier), definition.TriggerDetails.FromString)

    def history(self, name: TriggerName) -> list[definition.TriggerRevision]:
        """Return the changes of a trigger, oldest first."""
        prefix = f"{trigger_key(name)}/"
        return [definition.TriggerRevision.FromString(body) for _, body in self._store.list("trigger-history", prefix)]

    def task_of(self, trigger: definition.TriggerDetails) -> TaskIdentifier:
        """Return the task version that a trigger runs: its own, otherwise the newest created."""
        name = trigger.id.name
        identifier = TaskIdentifier(
            org=name.org,
            project=name.project,
            domain=name.domain,
            name=name.task_name,
            version=trigger.spec.task_version,
        )
        if not identifier.version:
            versions = self._tasks.versions(task_of(identifier))
            if not versions:
                raise invalid(f"trigger {name.name!r} names task {name.task_name!r}, which was never deployed")
            identifier.version = versions[-1][1].task_id.version
        return identifier

    def _change(self, trigger: definition.TriggerDetails, action: definition.TriggerRevisionAction) -> None:
        trigger.id.revision += 1
        trigger.status.updated_at.CopyFrom(stamp(time.time()))
        self._write(trigger_key(trigger.id.name), trigger, action)

    def _read(self, key: str) -> definition.TriggerDetails | None:
        return self._store.read(_KIND, key, definition.TriggerDetails.FromString)

    def _write(self, key: str, details: definition.TriggerDetails, action: definition.TriggerRevisionAction) -> None:
        entry = definition.TriggerRevision(
            id=details.id,
            metadata=details.metadata,
            status=details.status,
            action=action,
            created_at=stamp(time.time()),
        )
        number = _revision_key(details.id)
        with self._store.transaction():
            self._store.put(_KIND, key, details.SerializeToString())
            self._store.put(_REVISION, number, details.SerializeToString())
            self._store.put("trigger-history", number, entry.SerializeToString())
        self.changed.set()


def _revision_key(identifier: TriggerIdentifier) -> str:
    return f"{trigger_key(identifier.name)}/{identifier.revision:010d}"


def anchor_of(trigger: definition.TriggerDetails) -> datetime:
    """Return the beginning of a fixed rate without a start time: the last change of the trigger."""
    return datetime.fromtimestamp(seconds(trigger.status.updated_at), timezone.utc)


def check_automation(name: str, automation: TriggerAutomationSpec) -> None:
    """Raise INVALID_ARGUMENT with the trigger's name if its schedule is invalid."""
    kind = automation.WhichOneof("automation")
    if kind == "artifact":
        raise invalid(f"trigger {name!r} waits for an artifact: this server has none, use a schedule")
    if kind == "schedule":
        now = datetime.now(timezone.utc)
        try:
            next_fire(automation.schedule, now, now)
        except ScheduleError as error:
            raise invalid(f"trigger {name!r}: {error}") from None
