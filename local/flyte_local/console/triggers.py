"""The console's pages about triggers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timezone

from flyteidl2.task.common_pb2 import FixedRateUnit, TriggerAutomationSpec
from flyteidl2.trigger.trigger_definition_pb2 import TriggerDetails
from flyteidl2.workflow.run_definition_pb2 import Run

from flyte_local.console.pagination import list_view
from flyte_local.console.rendering import View
from flyte_local.console.requests import PageRequest
from flyte_local.console.run_list import newest_runs
from flyte_local.tasks.schedule import ScheduleError, next_fire
from flyte_local.tasks.triggers import Failure, Triggers, anchor_of
from flyte_local.web.paths import Scope

_LAST_RUNS = 20


@dataclass(frozen=True)
class ShownTrigger:
    """A trigger, the time of its next firing in unix seconds or 0, and the failure of its last one."""

    details: TriggerDetails
    next_at: float
    failure: Failure | None

    @property
    def path(self) -> str:
        """The address of the trigger's page."""
        name = self.details.id.name
        return Scope(name.project, name.domain).resource("triggers", f"{name.task_name}/{name.name}")

    @property
    def when(self) -> str:
        """The times at which the trigger fires, for people."""
        return _when(self.details.automation_spec)


@dataclass(frozen=True)
class TriggerPage:
    """The content of a trigger's page."""

    trigger: ShownTrigger
    runs: Sequence[Run]


def trigger_list(request: PageRequest) -> View:
    """Return the list of the triggers of a scope."""
    triggers = request.parts.triggers
    listed = triggers.all(request.scope.prefix)
    return list_view(request, "triggers", listed, lambda trigger: shown_trigger(triggers, trigger))


def trigger_page(request: PageRequest) -> View | None:
    """Return the page of a trigger with the runs that it started."""
    parts, scope = request.parts, request.scope
    task, name = request.names["task"], request.names["name"]
    trigger = find_trigger(parts.triggers, scope, task, name)
    if trigger is None:
        return None
    runs = [
        run
        for run in newest_runs(parts.records, scope)
        if (run.action.metadata.trigger_name, run.action.metadata.trigger_id.name.task_name) == (name, task)
    ]
    content = TriggerPage(shown_trigger(parts.triggers, trigger), runs[:_LAST_RUNS])
    return View("trigger", name, content, scope, "triggers")


def find_trigger(triggers: Triggers, scope: Scope, task: str, name: str) -> TriggerDetails | None:
    """Return a trigger, or None if it does not exist."""
    return next((each for each in triggers.all(f"{scope.prefix}{task}/") if each.id.name.name == name), None)


def shown_trigger(triggers: Triggers, trigger: TriggerDetails) -> ShownTrigger:
    """Return a trigger as pages show it."""
    return ShownTrigger(trigger, _next(trigger), triggers.failure(trigger.id.name))


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
