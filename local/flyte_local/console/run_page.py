"""The console's page of a run: its actions as a tree with their times, and one action in full."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flyteidl2.core.catalog_pb2 import CatalogCacheStatus
from flyteidl2.workflow.run_definition_pb2 import ActionDetails

from flyte_local.console.action_log import ActionLog
from flyte_local.console.action_values import Values, values
from flyte_local.console.logs import LogView, log_view
from flyte_local.console.pagination import Paged, paginate
from flyte_local.console.rendering import View
from flyte_local.console.requests import PageRequest
from flyte_local.console.timeline import Bar, bar, scale, spans
from flyte_local.runs.phases import phase_name
from flyte_local.runs.records import ROOT
from flyte_local.secrets.redaction import mask_of, run_workload
from flyte_local.state.data_files import REPORT
from flyte_local.web.paths import with_query
from flyte_local.wire.identifiers import action_key, run_key

_LONGEST_MESSAGE = 3000


@dataclass(frozen=True)
class ShownAction:
    """An action in full. `error` is without secrets; `attempt` is the one that is shown, 0 before any."""

    details: ActionDetails
    attempt: int
    cached: bool
    report: str
    error: str
    values: Sequence[Values]
    log: LogView | None


@dataclass(frozen=True)
class RunPage:
    """The content of the page. `actions` are those of this page with their depths, `timelines` theirs by name."""

    path: str
    root: ActionDetails
    phases: Mapping[str, int]
    actions: Paged[tuple[int, ActionDetails]]
    timelines: Mapping[str, Bar]
    page: int
    shown: ShownAction


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
    paged = paginate(tree(actions), request.page_number, path)
    content = RunPage(
        path=path,
        root=root,
        phases=Counter(phase_name(action.status.phase) for action in actions),
        actions=paged,
        timelines=_timelines(actions, [action for _, action in paged.items]),
        page=request.page_number,
        shown=_shown(request, path, chosen),
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


def _timelines(actions: Sequence[ActionDetails], listed: Sequence[ActionDetails]) -> dict[str, Bar]:
    """Return the timelines of the listed actions, on the scale of all actions."""
    now = time.time()
    times = {action.id.name: spans(action, now) for action in actions}
    on = scale(times.values())
    return {action.id.name: bar(times[action.id.name], on) for action in listed}


def _shown(request: PageRequest, path: str, action: ActionDetails) -> ShownAction:
    parts, key = request.parts, action_key(action.id)
    attempt = attempt_of(action, request.parameters.get("attempt", ""))
    mask = mask_of(parts.vault, run_workload(run_key(action.id.run)))
    message = mask(action.error_info.message or action.abort_info.reason)
    if len(message) > _LONGEST_MESSAGE:
        message = f"… {message[-_LONGEST_MESSAGE:]}"
    here = {"i": action.id.name, "attempt": attempt if attempt != len(action.attempts) else ""}
    has_report = attempt and (parts.records.attempt_folder(key, attempt) / REPORT).is_file()
    return ShownAction(
        details=action,
        attempt=attempt,
        cached=action.status.cache_status == CatalogCacheStatus.CACHE_HIT,
        report=with_query(f"{path}/report", here) if has_report else "",
        error=message,
        values=values(parts.records, action, mask),
        log=log_view(ActionLog(parts, key, attempt), path, with_query("", here)) if attempt else None,
    )
