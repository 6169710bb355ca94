"""The console's lists of runs."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping

from flyteidl2.workflow.run_definition_pb2 import ActionStatus, Run

from flyte_local.console.pagination import cut, number, pages
from flyte_local.console.timeline import duration
from flyte_local.runs.phases import TERMINAL, phase_name
from flyte_local.runs.records import Records
from flyte_local.web.html import Html, html, join, link, moment, phase, query, section, table, tag
from flyte_local.web.paths import Scope, resource_link
from flyte_local.wire.times import seconds

_NO_BREAK = "\N{NO-BREAK SPACE}"
_PHASES = ("queued", "running", "paused", "succeeded", "failed", "aborted", "timed_out")


def run_list(records: Records, scope: Scope, parameters: Mapping[str, str]) -> Html:
    """The runs that pass the filter, the newest first. `parameters` is the page's query: phase, task, name, page."""
    given = {key: parameters.get(key, "").strip()[:200] for key in ("phase", "task", "name")}
    page = number(parameters.get("page", ""))
    found = [run for _, run in reversed(records.runs(scope.prefix)) if _passes(run, given)]
    path = f"{scope.path}/runs"
    empty = "No run passes the filter." if any(given.values()) else "None yet: start one with `flyte run`."
    body = join((_filter(path, given), run_table(cut(found, page), scope, empty), pages(path, given, page, len(found))))
    return section("Runs", body, tag("span", f"{len(found)} in all", class_="quiet"))


def last_runs(records: Records, scope: Scope, count: int, task: str = "") -> Html:
    """The newest runs, of a task where one is named, and the way to all of them."""
    prefix = scope.prefix
    newest = (run for _, run in reversed(records.runs(prefix)))
    found = [run for run in newest if not task or run.action.metadata.task.id.name == task][:count]
    more = link(query(f"{scope.path}/runs", {"task": task}), "All runs")
    return section("Last runs", run_table(found, scope, "None yet."), more)


def run_table(runs: Iterable[Run], scope: Scope, empty: str) -> Html:
    """Runs as rows."""
    place = () if scope.project else ("Project",)
    head = ("Run", "Task", *place, "Phase", "Started", "Took", "By")
    return table(head, (_row(run, scope) for run in runs), empty, "Runs")


def took(status: ActionStatus) -> str:
    """How long an action took, or has been taking; both waiting and running count."""
    if status.HasField("end_time"):
        return duration(status.duration_ms / 1000).replace(" ", _NO_BREAK)
    begin = seconds(status.start_time)
    return f"{duration(max(0.0, time.time() - begin))} so far" if begin and status.phase not in TERMINAL else ""


def _row(run: Run, scope: Scope) -> tuple[object, ...]:
    identifier, task = run.action.id.run, run.action.metadata.task.id
    where = Scope(identifier.project, identifier.domain)
    return (
        resource_link(identifier.project, identifier.domain, "runs", identifier.name),
        resource_link(identifier.project, identifier.domain, "tasks", task.name),
        *(() if scope.project else (link(where.path, where.title),)),
        phase(phase_name(run.action.status.phase)),
        moment(seconds(run.action.status.start_time)),
        took(run.action.status),
        run.action.metadata.trigger_name,
    )


def _passes(run: Run, given: Mapping[str, str]) -> bool:
    return (
        given["phase"] in ("", phase_name(run.action.status.phase))
        and given["task"].lower() in run.action.metadata.task.id.name.lower()
        and given["name"].lower() in run.action.id.run.name.lower()
    )


def _filter(path: str, given: Mapping[str, str]) -> Html:
    options = join(
        tag("option", name.replace("_", " ") or "any", value=name, selected="" if name == given["phase"] else None)
        for name in ("", *_PHASES)
    )
    fields = (
        tag("label", join(("Phase", tag("select", options, name="phase")))),
        *(tag("label", join((label, _text(name, given[name])))) for name, label in (("task", "Task"), ("name", "Run"))),
        tag("button", "Filter"),
        link(path, "Show all") if any(given.values()) else Html(),
    )
    return tag("form", join(fields), class_="filter", method="get", action=path, role="search", aria_label="Runs")


def _text(name: str, value: str) -> Html:
    return Html(f'<input type="text" name="{name}" value="{html(value)}">')
