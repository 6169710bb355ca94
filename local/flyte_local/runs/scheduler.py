"""Fires triggers when their time comes.

Firing a trigger is a CreateRun with its name. The run's name is derived from the trigger and the moment, and a run name
is an idempotency key. So no crash between starting the run and recording it starts the run twice.

Firings are skipped if the server was down, or the machine asleep: a laptop that wakes up does not start last night's
twelve runs. Flyte OSS makes up for them when its scheduler starts, at most 100 in all (flyteorg/flyte,
runs/scheduler/core). `FLYTE_LOCAL_CATCH_UP=100` in the server's environment does the same here.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import logging
import os
from datetime import datetime, timedelta, timezone

from connectrpc.errors import ConnectError
from flyte_runtime.errors import reason_of
from flyteidl2.common.identifier_pb2 import RunIdentifier
from flyteidl2.trigger.trigger_definition_pb2 import TriggerDetails
from flyteidl2.workflow.run_definition_pb2 import RUN_SOURCE_SCHEDULE_TRIGGER
from flyteidl2.workflow.run_service_pb2 import CreateRunRequest

from flyte_local.errors import LocalServerError
from flyte_local.runs.launcher import Launcher
from flyte_local.state.context import ORGANIZATION
from flyte_local.tasks.schedule import ScheduleError, missed_fires, next_fire
from flyte_local.tasks.triggers import Triggers, anchor_of
from flyte_local.wire.identifiers import trigger_key
from flyte_local.wire.times import seconds, stamp

_log = logging.getLogger(__name__)
# A firing that is later than this was missed: the machine slept.
_GRACE = timedelta(seconds=60)
# The longest sleep, so that a changed clock is noticed.
_NAP = 30.0
CATCH_UP_VARIABLE = "FLYTE_LOCAL_CATCH_UP"


class Scheduler:
    """The server's one scheduler."""

    def __init__(self, triggers: Triggers, launcher: Launcher) -> None:
        self._triggers = triggers
        self._launcher = launcher
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Make up for missed firings, as many as are configured, and begin to fire."""
        await self._catch_up(_catch_up_limit(os.environ.get(CATCH_UP_VARIABLE, "")))
        self._task = asyncio.create_task(self._run(), name="scheduler")

    async def stop(self) -> None:
        """Stop firing."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None

    async def _run(self) -> None:
        looked = datetime.now(timezone.utc)
        while True:
            self._triggers.changed.clear()
            due = self._due(looked)
            looked = now = datetime.now(timezone.utc)
            for moment, trigger in due:
                if now - _GRACE <= moment <= now:
                    await self._fire(trigger, moment)
            # A changed trigger counts from its change, so its first moment is never before `looked`.
            left = min([_NAP, *((moment - now).total_seconds() for moment, _ in due)])
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(self._triggers.changed.wait(), max(0.0, left))

    async def _catch_up(self, left: int) -> None:
        """Fire what was missed since each trigger's last firing or change, `left` times in all, as Flyte OSS does."""
        now = datetime.now(timezone.utc)
        for trigger in self._scheduled() if left > 0 else ():
            anchor = anchor_of(trigger)
            fired = datetime.fromtimestamp(seconds(trigger.status.triggered_at), timezone.utc)
            try:
                missed = missed_fires(trigger.automation_spec.schedule, max(anchor, fired), now, anchor, left)
            except ScheduleError:
                continue  # _due says so.
            for moment in missed:
                await self._fire(trigger, moment)
            left -= len(missed)

    def _scheduled(self) -> list[TriggerDetails]:
        return [
            trigger
            for trigger in self._triggers.all()
            if trigger.spec.active and trigger.automation_spec.WhichOneof("automation") == "schedule"
        ]

    def _due(self, after: datetime) -> list[tuple[datetime, TriggerDetails]]:
        """Return the next firing of every active trigger, the soonest first."""
        firings = []
        for trigger in self._scheduled():
            anchor = anchor_of(trigger)
            try:
                moment = next_fire(trigger.automation_spec.schedule, max(after, anchor), anchor)
            except ScheduleError as error:
                _log.error("trigger %s is never fired: %s", trigger_key(trigger.id.name), error)
                continue
            if moment is not None:
                firings.append((moment, trigger))
        return sorted(firings, key=lambda pair: pair[0])

    async def _fire(self, trigger: TriggerDetails, moment: datetime) -> None:
        name = trigger.id.name
        digest = hashlib.sha256(f"{trigger_key(name)}@{moment.isoformat()}".encode()).hexdigest()
        request = CreateRunRequest(
            run_id=RunIdentifier(org=ORGANIZATION, project=name.project, domain=name.domain, name=f"r{digest[:19]}"),
            trigger_name=name,
            source=RUN_SOURCE_SCHEDULE_TRIGGER,
            run_start_time=stamp(moment.timestamp()),
        )
        problem = ""
        try:
            await self._launcher.create(request)
        except (ConnectError, LocalServerError, OSError) as error:
            problem = str(getattr(error, "message", "")) or reason_of(error)
            _log.error("trigger %s could not start its run: %s", trigger_key(name), problem)
        self._triggers.fired(name, moment.timestamp(), problem)


def _catch_up_limit(text: str) -> int:
    if text and not text.isdigit():
        _log.error("%s is %r, which is not a number: nothing is made up for", CATCH_UP_VARIABLE, text)
    return int(text) if text.isdigit() else 0
