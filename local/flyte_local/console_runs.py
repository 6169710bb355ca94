"""The console's pages about runs and their actions."""

from __future__ import annotations

from collections.abc import Callable

from flyteidl2.common.phase_pb2 import ActionPhase
from flyteidl2.workflow.run_definition_pb2 import ActionDetails, ActionStatus, Run

from flyte_local.console_html import Html, html, join, link, moment, phase, preformatted, section, table
from flyte_local.console_paths import resource_path, scope_path
from flyte_local.context import Context
from flyte_local.identifiers import action_key
from flyte_local.phases import seconds
from flyte_local.records import Records
from flyte_local.redaction import Mask, mask_of, run_workload
from flyte_local.run_logs import LOG, last_lines

MAX_RUNS = 100
MAX_ACTIONS = 200
_LOG_LINES = 40
_MAX_MESSAGE = 4000


def run_list(
    records: Records, project: str, domain: str, wanted: Callable[[Run], bool] = lambda run: True, count: int = MAX_RUNS
) -> Html:
    """The newest runs, by the time that their root action was created."""
    scope = f"{project}/{domain}/" if project and domain else ""
    newest = [run for _, run in reversed(records.runs(scope)) if wanted(run)][:count]
    return section("Runs", table(("Run", "Task", "Project", "Domain", "Phase", "Started", "Took"), map(_row, newest)))


def run_page(context: Context, records: Records, project: str, domain: str, run: str) -> Html | None:
    """One run: its actions in the order they were created, with phase, error and the end of the log."""
    actions = records.actions(f"{project}/{domain}/{run}")
    if not actions:
        return None
    mask = mask_of(context, run_workload(f"{project}/{domain}/{run}"))
    shown = actions[:MAX_ACTIONS]
    left = len(actions) - len(shown)
    return join(
        (
            Html(f"<p>{link(scope_path(project, domain), f'{project} / {domain}')}</p>"),
            table(("Action", "Task", "Parent", "Phase", "Attempts", "Started", "Took"), map(_action_row, shown)),
            html(f"{left} more actions are not shown.") if left else Html(),
            *(_output(records, action, mask) for action in shown),
        )
    )


def _row(run: Run) -> tuple[object, ...]:
    identifier, task = run.action.id.run, run.action.metadata.task.id
    return (
        link(resource_path(identifier.project, identifier.domain, "runs", identifier.name), identifier.name),
        link(resource_path(identifier.project, identifier.domain, "tasks", task.name), task.name),
        identifier.project,
        identifier.domain,
        phase(phase_name(run.action.status.phase)),
        moment(seconds(run.action.status.start_time)),
        _took(run.action.status),
    )


def _action_row(action: ActionDetails) -> tuple[object, ...]:
    return (
        link(f"#{action.id.name}", action.id.name),
        action.metadata.task.id.name or action.metadata.trace.name or action.metadata.condition.name,
        action.metadata.parent,
        phase(phase_name(action.status.phase)),
        len(action.attempts),
        moment(seconds(action.status.start_time)),
        _took(action.status),
    )


def _output(records: Records, action: ActionDetails, mask: Mask) -> Html:
    """An action's error and the end of its last attempt's log; nothing where there is neither."""
    message = action.error_info.message or action.abort_info.reason
    folder = records.attempt_folder(action_key(action.id), len(action.attempts))
    lines = last_lines(folder / LOG, _LOG_LINES) if action.attempts else []
    if not message and not lines:
        return Html()
    name = html(action.id.name)
    error = Html(f"<p class=failed>{html(mask(message)[:_MAX_MESSAGE])}</p>") if message else Html()
    return join((Html(f"<h2 id='{name}'>{name}</h2>"), error, preformatted(map(mask, lines)) if lines else Html()))


def phase_name(value: ActionPhase) -> str:
    """A phase as people write it."""
    known = ActionPhase.DESCRIPTOR.values_by_number.get(value)
    return str(known.name).removeprefix("ACTION_PHASE_").lower() if known else "unknown"


def _took(status: ActionStatus) -> str:
    return f"{status.duration_ms / 1000:.1f} s" if status.HasField("end_time") else ""
