"""The console's pages about tasks and their triggers."""

from __future__ import annotations

from datetime import datetime, timezone

from flyteidl2.task.common_pb2 import FixedRateUnit, TriggerAutomationSpec
from flyteidl2.trigger.trigger_definition_pb2 import TriggerDetails

from flyte_local.console_html import Html, join, link, moment, section, table
from flyte_local.console_paths import resource_path, scope_path
from flyte_local.console_runs import run_list
from flyte_local.phases import seconds
from flyte_local.records import Records
from flyte_local.schedule import ScheduleError, next_fire
from flyte_local.tasks import Tasks
from flyte_local.triggers import Failure, Triggers, anchor_of

_MAX_VERSIONS = 50
_LAST_RUNS = 20


def task_list(tasks: Tasks, triggers: Triggers, project: str, domain: str) -> Html:
    """Tasks, each once with its newest version; empty arguments mean all."""
    scope = f"{project}/{domain}/" if project and domain else ""
    newest = {(d.task_id.project, d.task_id.domain, d.task_id.name): (at, d) for at, d in tasks.versions(scope)}
    counts: dict[tuple[str, str, str], int] = {}
    for trigger in triggers.all(scope):
        name = trigger.id.name
        key = (name.project, name.domain, name.task_name)
        counts[key] = counts.get(key, 0) + 1
    rows = [
        (
            link(resource_path(*key[:2], "tasks", key[2]), key[2]),
            *key[:2],
            details.task_id.version,
            moment(at),
            counts.get(key, 0) or "",
        )
        for key, (at, details) in sorted(newest.items())
    ]
    return section("Tasks", table(("Task", "Project", "Domain", "Newest version", "Deployed", "Triggers"), rows))


def task_page(tasks: Tasks, triggers: Triggers, records: Records, project: str, domain: str, name: str) -> Html | None:
    """One task: its triggers, its versions, its last runs. None where nothing of that name was ever deployed."""
    prefix = f"{project}/{domain}/{name}/"
    versions, own = tasks.versions(prefix), triggers.all(prefix)
    if not versions and not own:
        return None
    rows = [(*_trigger_row(trigger), _problem(triggers.failure(trigger.id.name))) for trigger in own]
    newest = [(d.task_id.version, moment(at)) for at, d in reversed(versions)][:_MAX_VERSIONS]
    return join(
        (
            Html(f"<p>{link(scope_path(project, domain), f'{project} / {domain}')}</p>"),
            section(
                "Triggers",
                table(("Trigger", "When", "Active", "Version", "Last fired", "Next", "Problem"), rows),
            ),
            section("Versions", table(("Version", "Deployed"), newest)),
            run_list(records, project, domain, lambda run: run.action.metadata.task.id.name == name, _LAST_RUNS),
        )
    )


def _trigger_row(trigger: TriggerDetails) -> tuple[object, ...]:
    return (
        trigger.id.name.name,
        _when(trigger.automation_spec),
        "yes" if trigger.spec.active else "no",
        trigger.spec.task_version or "newest",
        moment(seconds(trigger.status.triggered_at)),
        _next(trigger),
    )


def _problem(failure: Failure | None) -> str:
    return f"could not start its run of {moment(failure.at)}: {failure.message}" if failure else ""


def _when(automation: TriggerAutomationSpec) -> str:
    if automation.WhichOneof("automation") != "schedule":
        return "on demand"
    schedule = automation.schedule
    kind = schedule.WhichOneof("expression")
    if kind == "rate":
        known = schedule.rate.unit in FixedRateUnit.values()
        unit = FixedRateUnit.Name(schedule.rate.unit).removeprefix("FIXED_RATE_UNIT_").lower() if known else "minute"
        return f"every {schedule.rate.value} {unit}"
    if kind == "cron":
        return f"{schedule.cron.expression} {schedule.cron.timezone or 'UTC'}"
    return f"{schedule.cron_expression} UTC"


def _next(trigger: TriggerDetails) -> str:
    if not trigger.spec.active or trigger.automation_spec.WhichOneof("automation") != "schedule":
        return ""
    anchor = anchor_of(trigger)
    try:
        found = next_fire(trigger.automation_spec.schedule, max(datetime.now(timezone.utc), anchor), anchor)
    except ScheduleError:
        return ""
    return moment(found.timestamp()) if found else ""
