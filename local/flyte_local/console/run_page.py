"""The console's page of a run: its actions as a tree with their times, and one action in full."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from flyteidl2.core.catalog_pb2 import CatalogCacheStatus
from flyteidl2.workflow.run_definition_pb2 import ActionDetails

from flyte_local.console.action_log import ActionLog
from flyte_local.console.action_values import Values, values
from flyte_local.console.links import PageLink
from flyte_local.console.logs import LogView, log_view
from flyte_local.console.pagination import Paged, paginate
from flyte_local.console.rendering import View
from flyte_local.console.requests import PageRequest
from flyte_local.console.run_list import took
from flyte_local.console.timeline import Bar, bar, scale, spans
from flyte_local.runs.phases import is_terminal, phase_name
from flyte_local.runs.records import ROOT
from flyte_local.secrets.redaction import mask_of, run_workload
from flyte_local.state.data_files import REPORT
from flyte_local.web.paths import Scope, with_query
from flyte_local.wire.identifiers import action_key, run_key
from flyte_local.wire.times import seconds

_LONGEST_MESSAGE = 3000
_MOST_ATTEMPTS = 20


@dataclass(frozen=True)
class ActionRow:
    """An action in the tree."""

    name: str
    depth: int
    path: str
    shown: bool
    what: str
    kind: str
    group: str
    phase: str
    took: str
    timeline: Bar


@dataclass(frozen=True)
class ActionView:
    """One action in full."""

    name: str
    phase: str
    task: PageLink | None
    parent: str
    cached: bool
    attempts: Sequence[PageLink]
    report: str
    error: str
    values: Sequence[Values]
    log: LogView | None


@dataclass(frozen=True)
class RunPage:
    """The content of the page."""

    path: str
    phase: str
    task: PageLink | None
    version: str
    started: float
    took: str
    trigger: str
    can_be_aborted: bool
    summary: str
    rows: Paged[ActionRow]
    action: ActionView


def run_page(request: PageRequest) -> View | None:
    """Return the page of a run. The query names the action (`i`), its `attempt`, and the `page` of the tree.

    Return None if the run or the action does not exist.
    """
    scope, name = request.scope, request.names["name"]
    actions = request.parts.records.actions(f"{scope.prefix}{name}")
    root = next((action for action in actions if action.id.name == ROOT), None)
    chosen = next((action for action in actions if action.id.name == (request.parameters.get("i") or ROOT)), None)
    if root is None or chosen is None:
        return None
    path = scope.resource("runs", name)
    phases = Counter(phase_name(action.status.phase) for action in actions)
    content = RunPage(
        path=path,
        phase=phase_name(root.status.phase),
        task=_task(root),
        version=root.metadata.task.id.version,
        started=seconds(root.status.start_time),
        took=took(root.status),
        trigger=root.metadata.trigger_name,
        can_be_aborted=not is_terminal(root),
        summary=", ".join(f"{count} {phase.replace('_', ' ')}" for phase, count in sorted(phases.items())),
        rows=_rows(path, actions, chosen, request.page_number),
        action=_action(request, path, chosen),
    )
    return View("run", name, content, scope, "runs")


def attempt_of(action: ActionDetails, text: str) -> int:
    """Return the attempt that a query names, or the last one. 0 before any attempt."""
    last = len(action.attempts)
    return int(text) if text.isascii() and text.isdecimal() and 0 < int(text[:9]) <= last else last


def tree(actions: Sequence[ActionDetails]) -> list[tuple[int, ActionDetails]]:
    """Return every action after its parent, with its depth. Siblings keep their order. Pure."""
    children: dict[str, list[ActionDetails]] = {}
    names = {action.id.name for action in actions}
    for action in actions:
        parent = action.metadata.parent if action.id.name != ROOT else ""
        children.setdefault(parent if parent in names and parent != action.id.name else "", []).append(action)
    ordered: list[tuple[int, ActionDetails]] = []
    stack = [(0, action) for action in reversed(children.get("", []))]
    while stack:
        depth, action = stack.pop()
        ordered.append((depth, action))
        stack.extend((depth + 1, child) for child in reversed(children.get(action.id.name, [])))
    return ordered


def _rows(path: str, actions: Sequence[ActionDetails], chosen: ActionDetails, page: int) -> Paged[ActionRow]:
    now = time.time()
    times = {action.id.name: spans(action, now) for action in actions}
    on = scale(times.values())

    def row(entry: tuple[int, ActionDetails]) -> ActionRow:
        depth, action = entry
        metadata, name = action.metadata, action.id.name
        kind = metadata.WhichOneof("spec")
        return ActionRow(
            name=name,
            depth=depth,
            path=with_query(path, {"i": name, "page": page if page > 1 else ""}) + "#action",
            shown=name == chosen.id.name,
            what=metadata.task.short_name or metadata.task.id.name or metadata.trace.name or metadata.condition.name,
            kind=kind if kind in ("trace", "condition") else "",
            group=metadata.group,
            phase=phase_name(action.status.phase),
            took=took(action.status),
            timeline=bar(times[name], on),
        )

    return paginate(tree(actions), page, path, row)


def _task(action: ActionDetails) -> PageLink | None:
    task, run = action.metadata.task.id, action.id.run
    if not task.name:
        return None
    scope = Scope(task.project or run.project, task.domain or run.domain)
    return PageLink(scope.resource("tasks", task.name), task.name)


def _action(request: PageRequest, path: str, action: ActionDetails) -> ActionView:
    parts, key = request.parts, action_key(action.id)
    attempt = attempt_of(action, request.parameters.get("attempt", ""))
    mask = mask_of(parts.vault, run_workload(run_key(action.id.run)))
    message = mask(action.error_info.message or action.abort_info.reason)
    if len(message) > _LONGEST_MESSAGE:
        message = f"… {message[-_LONGEST_MESSAGE:]}"
    here = {"i": action.id.name, "attempt": attempt if attempt != len(action.attempts) else ""}
    has_report = attempt and (parts.records.attempt_folder(key, attempt) / REPORT).is_file()
    return ActionView(
        name=action.id.name,
        phase=phase_name(action.status.phase),
        task=_task(action),
        parent=action.metadata.parent,
        cached=action.status.cache_status == CatalogCacheStatus.CACHE_HIT,
        attempts=_attempts(path, action, attempt),
        report=with_query(f"{path}/report", here) if has_report else "",
        error=message,
        values=values(parts.records, action, mask),
        log=log_view(ActionLog(parts, key, attempt), path, with_query("", here)) if attempt else None,
    )


def _attempts(path: str, action: ActionDetails, shown: int) -> list[PageLink]:
    last = len(action.attempts)
    if last < 2:
        return []
    return [
        PageLink(with_query(path, {"i": action.id.name, "attempt": n}) + "#action", str(n), n == shown)
        for n in range(max(1, last + 1 - _MOST_ATTEMPTS), last + 1)
    ]
