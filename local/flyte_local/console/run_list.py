"""The console's lists of runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flyteidl2.workflow.run_definition_pb2 import Run

from flyte_local.console.pagination import Paged, paginate
from flyte_local.console.rendering import View
from flyte_local.console.requests import PageRequest
from flyte_local.runs.phases import phase_name
from flyte_local.runs.records import Records
from flyte_local.web.paths import Scope

_PHASES = ("queued", "running", "paused", "succeeded", "failed", "aborted", "timed_out")
_LONGEST_TEXT = 200


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

    runs: Paged[Run]
    filter: RunFilter
    phases: Sequence[str] = ("", *_PHASES)


def run_list(request: PageRequest) -> View:
    """Return the list of the runs that pass the filter, the newest first."""
    scope = request.scope
    chosen = RunFilter(*(request.parameters.get(key, "").strip()[:_LONGEST_TEXT] for key in ("phase", "task", "name")))
    runs = [run for run in newest_runs(request.parts.records, scope) if chosen.passes(run)]
    parameters = {"phase": chosen.phase, "task": chosen.task, "name": chosen.name}
    paged = paginate(runs, request.page_number, f"{scope.path}/runs", parameters)
    return View("runs", request.title("runs"), RunList(paged, chosen), scope, "runs")


def newest_runs(records: Records, scope: Scope) -> list[Run]:
    """Return the runs of a scope, the newest first."""
    return [run for _, run in reversed(records.runs(scope.prefix))]
