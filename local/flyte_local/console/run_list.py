"""The console's lists of runs."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

from flyteidl2.workflow.run_definition_pb2 import ActionStatus, Run

from flyte_local.console.pagination import Paged, paginate
from flyte_local.console.rendering import View
from flyte_local.console.requests import PageRequest
from flyte_local.console.timeline import duration
from flyte_local.runs.phases import TERMINAL, phase_name
from flyte_local.runs.records import Records
from flyte_local.web.paths import Scope
from flyte_local.wire.times import seconds

_NO_BREAK = "\N{NO-BREAK SPACE}"
_PHASES = ("queued", "running", "paused", "succeeded", "failed", "aborted", "timed_out")
_LONGEST_TEXT = 200


@dataclass(frozen=True)
class RunRow:
    """A run in a list. `started` is in unix seconds."""

    scope: Scope
    name: str
    task: str
    phase: str
    started: float
    took: str
    trigger: str


@dataclass(frozen=True)
class RunFilter:
    """The filter of the list, as the page's query has it."""

    phase: str = ""
    task: str = ""
    name: str = ""

    @property
    def active(self) -> bool:
        """True if the filter may leave out runs."""
        return bool(self.phase or self.task or self.name)

    def passes(self, run: Run) -> bool:
        """Return whether a run passes the filter."""
        return (
            self.phase in ("", phase_name(run.action.status.phase))
            and self.task.lower() in run.action.metadata.task.id.name.lower()
            and self.name.lower() in run.action.id.run.name.lower()
        )


@dataclass(frozen=True)
class RunList:
    """The content of the list."""

    runs: Paged[RunRow]
    filter: RunFilter
    phases: Sequence[str] = ("", *_PHASES)


def run_list(request: PageRequest) -> View:
    """Return the list of the runs that pass the filter, the newest first."""
    scope = request.scope
    chosen = RunFilter(*(request.parameters.get(key, "").strip()[:_LONGEST_TEXT] for key in ("phase", "task", "name")))
    runs = [run for _, run in reversed(request.parts.records.runs(scope.prefix)) if chosen.passes(run)]
    parameters = {"phase": chosen.phase, "task": chosen.task, "name": chosen.name}
    paged = paginate(runs, request.page_number, f"{scope.path}/runs", run_row, parameters)
    return View("runs", request.title("runs"), RunList(paged, chosen), scope, "runs")


def last_runs(records: Records, scope: Scope, count: int, task: str = "") -> list[RunRow]:
    """Return the newest runs. `task` limits them to one task."""
    newest = (run for _, run in reversed(records.runs(scope.prefix)))
    return [run_row(run) for run in newest if not task or run.action.metadata.task.id.name == task][:count]


def run_row(run: Run) -> RunRow:
    """Return a run as a row."""
    identifier, metadata, status = run.action.id.run, run.action.metadata, run.action.status
    return RunRow(
        scope=Scope(identifier.project, identifier.domain),
        name=identifier.name,
        task=metadata.task.id.name,
        phase=phase_name(status.phase),
        started=seconds(status.start_time),
        took=took(status),
        trigger=metadata.trigger_name,
    )


def took(status: ActionStatus) -> str:
    """Return how long an action took, or has been taking. Waiting and running both count."""
    if status.HasField("end_time"):
        return duration(status.duration_ms / 1000).replace(" ", _NO_BREAK)
    begin = seconds(status.start_time)
    return f"{duration(max(0.0, time.time() - begin))} so far" if begin and status.phase not in TERMINAL else ""
