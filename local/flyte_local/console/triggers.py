"""The console's pages about triggers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timezone

from flyteidl2.task.common_pb2 import FixedRateUnit, TriggerAutomationSpec
from flyteidl2.trigger.trigger_definition_pb2 import TriggerDetails

from flyte_local.console.pagination import list_view
from flyte_local.console.rendering import View
from flyte_local.console.requests import PageRequest
from flyte_local.console.run_list import RunRow, run_row
from flyte_local.tasks.schedule import ScheduleError, next_fire
from flyte_local.tasks.triggers import Failure, Triggers, anchor_of
from flyte_local.web.paths import Scope
from flyte_local.wire.times import seconds

_LAST_RUNS = 20
_LONGEST_DESCRIPTION = 1000


@dataclass(frozen=True)
class TriggerRow:
    """A trigger in a list. Times are unix seconds, or 0."""

    scope: Scope
    task: str
    name: str
    when: str
    active: bool
    fired_at: float
    next_at: float
    failure: Failure | None

    @property
    def path(self) -> str:
        """The address of the trigger's page."""
        return self.scope.resource("triggers", f"{self.task}/{self.name}")


@dataclass(frozen=True)
class TriggerPage:
    """The content of a trigger's page."""

    trigger: TriggerRow
    version: str
    description: str
    revision: int
    runs: Sequence[RunRow]


def trigger_list(request: PageRequest) -> View:
    """Return the list of the triggers of a scope."""
    triggers = request.parts.triggers
    rows = triggers.all(request.scope.prefix)
    return list_view(request, "triggers", rows, lambda trigger: trigger_row(triggers, trigger))


def trigger_page(request: PageRequest) -> View | None:
    """Return the page of a trigger with the runs that it started."""
    parts, scope = request.parts, request.scope
    task, name = request.names["task"], request.names["name"]
    trigger = find_trigger(parts.triggers, scope, task, name)
    if trigger is None:
        return None
    runs = [
        run_row(run)
        for _, run in reversed(parts.records.runs(scope.prefix))
        if (run.action.metadata.trigger_name, run.action.metadata.trigger_id.name.task_name) == (name, task)
    ]
    content = TriggerPage(
        trigger=trigger_row(parts.triggers, trigger),
        version=trigger.spec.task_version,
        description=trigger.description[:_LONGEST_DESCRIPTION],
        revision=trigger.id.revision,
        runs=runs[:_LAST_RUNS],
    )
    return View("trigger", name, content, scope, "triggers")


def find_trigger(triggers: Triggers, scope: Scope, task: str, name: str) -> TriggerDetails | None:
    """Return a trigger, or None if it does not exist."""
    return next((each for each in triggers.all(f"{scope.prefix}{task}/") if each.id.name.name == name), None)


def trigger_row(triggers: Triggers, trigger: TriggerDetails) -> TriggerRow:
    """Return a trigger as a row."""
    name = trigger.id.name
    return TriggerRow(
        scope=Scope(name.project, name.domain),
        task=name.task_name,
        name=name.name,
        when=_when(trigger.automation_spec),
        active=trigger.spec.active,
        fired_at=seconds(trigger.status.triggered_at),
        next_at=_next(trigger),
        failure=triggers.failure(name),
    )


def _when(automation: TriggerAutomationSpec) -> str:
    if automation.WhichOneof("automation") != "schedule":
        return "on demand"
    schedule = automation.schedule
    kind = schedule.WhichOneof("expression")
    if kind == "rate":
        has_name = schedule.rate.unit in FixedRateUnit.values()
        unit = FixedRateUnit.Name(schedule.rate.unit).removeprefix("FIXED_RATE_UNIT_").lower() if has_name else "minute"
        return f"every {schedule.rate.value} {unit}{'s' if schedule.rate.value > 1 else ''}"
    if kind == "cron":
        return f"{schedule.cron.expression} {schedule.cron.timezone or 'UTC'}"
    return f"{schedule.cron_expression} UTC"


def _next(trigger: TriggerDetails) -> float:
    if not trigger.spec.active or trigger.automation_spec.WhichOneof("automation") != "schedule":
        return 0.0
    anchor = anchor_of(trigger)
    try:
        moment = next_fire(trigger.automation_spec.schedule, max(datetime.now(timezone.utc), anchor), anchor)
    except ScheduleError:
        return 0.0
    return moment.timestamp() if moment else 0.0
