"""The console's page of a run: its actions as a tree with their times, and one action in full."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence

from flyteidl2.core.catalog_pb2 import CatalogCacheStatus
from flyteidl2.workflow.run_definition_pb2 import ActionDetails

from flyte_local.console.action_log import ActionLog
from flyte_local.console.action_values import values
from flyte_local.console.backend import ConsoleBackend
from flyte_local.console.forms import Forms
from flyte_local.console.logs import log_view
from flyte_local.console.pagination import cut, number, pages
from flyte_local.console.run_list import took
from flyte_local.console.timeline import bar, scale, spans
from flyte_local.runs.phases import is_terminal, phase_name
from flyte_local.runs.records import ROOT
from flyte_local.state.data_files import REPORT
from flyte_local.web.html import Html, facts, html, join, link, moment, phase, query, section, table, tag
from flyte_local.web.paths import Scope, resource_link, resource_path
from flyte_local.wire.identifiers import action_key
from flyte_local.wire.times import seconds

_MOST_OF_A_MESSAGE = 3000
_DEEPEST = 6


def run_page(
    backend: ConsoleBackend, forms: Forms, scope: Scope, run: str, parameters: Mapping[str, str]
) -> Html | None:
    """One run; `parameters` is the page's query: `i` names the action to show, `attempt` and `page` what they say.

    None where there is no such run or action.
    """
    records = backend.records
    actions = records.actions(f"{scope.project}/{scope.domain}/{run}")
    root = next((action for action in actions if action.id.name == ROOT), None)
    chosen = next((action for action in actions if action.id.name == (parameters.get("i") or ROOT)), None)
    if root is None or chosen is None:
        return None
    path = resource_path(scope.project, scope.domain, "runs", run)
    abort = Html() if is_terminal(root) else forms.button(f"{path}/abort", "Abort", f"run {run}")
    metadata = root.metadata
    return join(
        (
            facts(
                (
                    ("Phase", phase(phase_name(root.status.phase))),
                    ("Task", _task(root)),
                    ("Version", metadata.task.id.version),
                    ("Started", moment(seconds(root.status.start_time))),
                    ("Took", took(root.status)),
                    ("Trigger", metadata.trigger_name),
                )
            ),
            tag("div", abort, class_="buttons") if abort else Html(),
            _tree(path, actions, chosen, number(parameters.get("page", ""))),
            _action(backend, path, chosen, parameters),
        )
    )


def attempt_of(action: ActionDetails, text: str) -> int:
    """Which attempt is shown: the one that was asked for where there is one, otherwise the last; 0 before any."""
    last = len(action.attempts)
    return int(text) if text.isascii() and text.isdecimal() and 0 < int(text[:9]) <= last else last


def tree(actions: Sequence[ActionDetails]) -> list[tuple[int, ActionDetails]]:
    """Every action after its parent, with its depth; siblings in the order they came in. Pure."""
    children: dict[str, list[ActionDetails]] = {}
    names = {action.id.name for action in actions}
    for action in actions:
        parent = action.metadata.parent if action.id.name != ROOT else ""
        children.setdefault(parent if parent in names and parent != action.id.name else "", []).append(action)
    found: list[tuple[int, ActionDetails]] = []
    seen: set[str] = set()
    stack = [(0, action) for action in reversed(children.get("", []))]
    while stack:
        depth, action = stack.pop()
        if action.id.name in seen:
            continue
        seen.add(action.id.name)
        found.append((depth, action))
        stack.extend((depth + 1, child) for child in reversed(children.get(action.id.name, [])))
    return found


def _tree(path: str, actions: Sequence[ActionDetails], chosen: ActionDetails, page: int) -> Html:
    now = time.time()
    times = {action.id.name: spans(action, now) for action in actions}
    on = scale(times.values())
    rows = [
        (
            _name(path, depth, action, chosen, page),
            _title(action),
            phase(phase_name(action.status.phase)),
            took(action.status),
            bar(times[action.id.name], on),
        )
        for depth, action in cut(tree(actions), page)
    ]
    counts: dict[str, int] = {}
    for action in actions:
        name = phase_name(action.status.phase)
        counts[name] = counts.get(name, 0) + 1
    said = ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in sorted(counts.items()))
    body = join((table(("Action", "What", "Phase", "Took", "Timeline"), rows), pages(path, {}, page, len(actions))))
    return section("Actions", body, tag("span", said, class_="quiet"))


def _name(path: str, depth: int, action: ActionDetails, chosen: ActionDetails, page: int) -> Html:
    # Where the action is shown below is a place of the page, so that a link leads there.
    target = query(path, {"i": action.id.name, "page": page if page > 1 else ""}) + "#action"
    level = tag("span", f"level {depth + 1}, ", class_="sr") if depth else Html()
    name = link(target, action.id.name, action.id.name == chosen.id.name)
    return tag("div", join((level, name)), class_=f"d{min(depth, _DEEPEST)}" if depth else None)


def _title(action: ActionDetails) -> Html:
    metadata = action.metadata
    name = metadata.task.short_name or metadata.task.id.name or metadata.trace.name or metadata.condition.name
    group = tag("span", f" in {metadata.group}", class_="quiet") if metadata.group else Html()
    kind = metadata.WhichOneof("spec")
    what = tag("span", f" ({kind})", class_="quiet") if kind in ("trace", "condition") else Html()
    return join((html(name), what, group))


def _task(action: ActionDetails) -> Html:
    task = action.metadata.task.id
    if not task.name:
        return Html()
    run = action.id.run
    return resource_link(task.project or run.project, task.domain or run.domain, "tasks", task.name)


def _action(backend: ConsoleBackend, path: str, action: ActionDetails, parameters: Mapping[str, str]) -> Html:
    records = backend.records
    key = action_key(action.id)
    attempt = attempt_of(action, parameters.get("attempt", ""))
    mask = backend.run_mask(key.rpartition("/")[0])
    message = mask(action.error_info.message or action.abort_info.reason)
    if len(message) > _MOST_OF_A_MESSAGE:
        message = f"… {message[-_MOST_OF_A_MESSAGE:]}"
    here = {"i": action.id.name, "attempt": attempt if attempt != len(action.attempts) else ""}
    report = attempt and (records.attempt_folder(key, attempt) / REPORT).is_file()
    cached = action.status.cache_status == CatalogCacheStatus.CACHE_HIT
    log = log_view(ActionLog(backend, key, attempt), path, query("", here)) if attempt else Html()
    return join(
        (
            section(f"Action {action.id.name}", Html(), id_="action"),
            facts(
                (
                    ("Phase", tag("span", phase_name(action.status.phase).replace("_", " "), data_status="phase",
                                  class_=f"phase {phase_name(action.status.phase)}")),
                    ("Task", _task(action)),
                    ("Parent", action.metadata.parent),
                    ("Result", "taken from the cache" if cached else ""),
                    ("Attempts", _attempts(path, action, attempt)),
                    ("Report", link(query(f"{path}/report", here), "Open the report") if report else ""),
                    ("Error", tag("div", message, class_="error") if message else ""),
                )
            ),
            values(records, action, mask),
            log,
        )
    )  # fmt: skip


def _attempts(path: str, action: ActionDetails, shown: int) -> Html:
    if len(action.attempts) < 2:
        return Html()
    links = (
        link(query(path, {"i": action.id.name, "attempt": n}) + "#action", n, n == shown)
        for n in range(max(1, len(action.attempts) - 19), len(action.attempts) + 1)
    )
    return Html(" ".join(links))
