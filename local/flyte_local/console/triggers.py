"""The console's pages about triggers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timezone

from flyteidl2.task.common_pb2 import FixedRateUnit, TriggerAutomationSpec
from flyteidl2.trigger.trigger_definition_pb2 import TriggerDetails

from flyte_local.console.forms import Forms
from flyte_local.console.pagination import cut, number, pages
from flyte_local.console.run_list import run_table
from flyte_local.runs.records import Records
from flyte_local.tasks.schedule import ScheduleError, next_fire
from flyte_local.tasks.triggers import Failure, Triggers, anchor_of
from flyte_local.web.html import Html, facts, join, link, moment, section, table, tag
from flyte_local.web.paths import Scope, resource_link, resource_path
from flyte_local.wire.times import seconds

_LAST_RUNS = 20


def trigger_list(triggers: Triggers, forms: Forms, scope: Scope, parameters: Mapping[str, str]) -> Html:
    """The triggers of a scope."""
    page = number(parameters.get("page", ""))
    found = triggers.all(scope.prefix)
    shown = trigger_table(triggers, forms, cut(found, page), scope)
    body = join((shown, pages(f"{scope.path}/triggers", {}, page, len(found))))
    return section("Triggers", body, tag("span", f"{len(found)} in all", class_="quiet"))


def trigger_table(
    triggers: Triggers, forms: Forms, found: Sequence[TriggerDetails], scope: Scope, *, of_a_task: bool = False
) -> Html:
    """Triggers as rows, with the button that switches each on or off."""
    place = () if of_a_task else ("Task",) if scope.project else ("Task", "Project")
    head = ("Trigger", *place, "When", "Active", "Last fired", "Next", "Problem", "")
    rows = [
        (
            link(_path(trigger), trigger.id.name.name),
            *_places(trigger, scope, of_a_task),
            _when(trigger.automation_spec),
            "yes" if trigger.spec.active else "no",
            moment(seconds(trigger.status.triggered_at)),
            _next(trigger),
            _problem(triggers.failure(trigger.id.name)),
            switch(forms, trigger),
        )
        for trigger in found
    ]
    return table(head, rows, label="Triggers")


def trigger_page(triggers: Triggers, forms: Forms, records: Records, scope: Scope, task: str, name: str) -> Html | None:
    """One trigger and the runs that it started. None where there is none."""
    trigger = next((t for t in triggers.all(f"{scope.prefix}{task}/") if t.id.name.name == name), None)
    if trigger is None:
        return None
    runs = [
        run
        for _, run in reversed(records.runs(scope.prefix))
        if (run.action.metadata.trigger_name, run.action.metadata.trigger_id.name.task_name) == (name, task)
    ]
    return join(
        (
            facts(
                (
                    ("Task", resource_link(scope.project, scope.domain, "tasks", task)),
                    ("Version", trigger.spec.task_version or "the newest"),
                    ("Active", "yes" if trigger.spec.active else "no"),
                    ("When", _when(trigger.automation_spec)),
                    ("Next", _next(trigger)),
                    ("Last fired", moment(seconds(trigger.status.triggered_at))),
                    ("Problem", _problem(triggers.failure(trigger.id.name))),
                    ("Description", trigger.description[:1000]),
                    ("Revision", trigger.id.revision),
                )
            ),
            tag("div", switch(forms, trigger), class_="buttons"),
            section("Its last runs", run_table(runs[:_LAST_RUNS], scope, "None yet.")),
        )
    )


def switch(forms: Forms, trigger: TriggerDetails) -> Html:
    """The button that switches a trigger on or off."""
    verb = "deactivate" if trigger.spec.active else "activate"
    return forms.button(f"{_path(trigger)}/{verb}", verb.capitalize(), trigger.id.name.name)


def _places(trigger: TriggerDetails, scope: Scope, of_a_task: bool) -> tuple[Html, ...]:
    name = trigger.id.name
    if of_a_task:
        return ()
    where = Scope(name.project, name.domain)
    task = resource_link(name.project, name.domain, "tasks", name.task_name)
    return (task,) if scope.project else (task, link(where.path, where.title))


def _path(trigger: TriggerDetails) -> str:
    name = trigger.id.name
    return resource_path(name.project, name.domain, "triggers", f"{name.task_name}/{name.name}")


def _problem(failure: Failure | None) -> Html:
    if failure is None:
        return Html()
    return join(("could not start its run of ", moment(failure.at), f": {failure.message[:300]}"))


def _when(automation: TriggerAutomationSpec) -> str:
    if automation.WhichOneof("automation") != "schedule":
        return "on demand"
    schedule = automation.schedule
    kind = schedule.WhichOneof("expression")
    if kind == "rate":
        known = schedule.rate.unit in FixedRateUnit.values()
        unit = FixedRateUnit.Name(schedule.rate.unit).removeprefix("FIXED_RATE_UNIT_").lower() if known else "minute"
        return f"every {schedule.rate.value} {unit}{'s' if schedule.rate.value > 1 else ''}"
    if kind == "cron":
        return f"{schedule.cron.expression} {schedule.cron.timezone or 'UTC'}"
    return f"{schedule.cron_expression} UTC"


def _next(trigger: TriggerDetails) -> Html:
    if not trigger.spec.active or trigger.automation_spec.WhichOneof("automation") != "schedule":
        return Html()
    anchor = anchor_of(trigger)
    try:
        found = next_fire(trigger.automation_spec.schedule, max(datetime.now(timezone.utc), anchor), anchor)
    except ScheduleError:
        return Html()
    return moment(found.timestamp()) if found else Html()
