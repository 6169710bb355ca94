"""The console's pages about tasks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from flyteidl2.task.task_definition_pb2 import TaskDetails
from flyteidl2.workflow.run_definition_pb2 import Run

from flyte_local.console.graph import Neighbour, neighbours
from flyte_local.console.pagination import list_view
from flyte_local.console.rendering import View
from flyte_local.console.requests import PageRequest
from flyte_local.console.run_list import newest_runs
from flyte_local.console.triggers import ShownTrigger, shown_trigger
from flyte_local.console.wiring import Node

_LAST_RUNS = 20


@dataclass(frozen=True)
class TaskRow:
    """A task in the list: its newest version, and the number of its triggers."""

    newest: TaskDetails
    triggers: int


@dataclass(frozen=True)
class TaskPage:
    """The content of a task's page. `shown` is the version that is shown in full."""

    shown: TaskDetails | None
    triggers: Sequence[ShownTrigger]
    wiring: Sequence[Neighbour]
    runs: Sequence[Run]
    versions: Sequence[TaskDetails]


def task_list(request: PageRequest) -> View:
    """Return the list of tasks, each once with its newest version."""
    parts, scope = request.parts, request.scope
    newest = {_key(details): details for _, details in parts.tasks.versions(scope.prefix)}
    names = (trigger.id.name for trigger in parts.triggers.all(scope.prefix))
    triggers = Counter((name.project, name.domain, name.task_name) for name in names)
    return list_view(request, "tasks", [TaskRow(newest[key], triggers[key]) for key in sorted(newest)])


def task_page(request: PageRequest) -> View | None:
    """Return the page of a task: the interface of a version, its triggers, versions and last runs.

    The query may name a version. Return None if the task or the version was never deployed.
    """
    parts, scope, name = request.parts, request.scope, request.names["name"]
    prefix, wanted_version = f"{scope.prefix}{name}/", request.parameters.get("version", "")
    versions = [details for _, details in parts.tasks.versions(prefix)][::-1]
    triggers = parts.triggers.all(prefix)
    chosen = next((each for each in versions if wanted_version in ("", each.task_id.version)), None)
    if not (versions or triggers) or (wanted_version and chosen is None):
        return None
    runs = [run for run in newest_runs(parts.records, scope) if run.action.metadata.task.id.name == name]
    content = TaskPage(
        shown=chosen,
        triggers=[shown_trigger(parts.triggers, trigger) for trigger in triggers],
        wiring=neighbours(request, Node("task", scope.project, scope.domain, name)),
        runs=runs[:_LAST_RUNS],
        versions=versions,
    )
    return View("task", name, content, scope, "tasks")


def _key(details: TaskDetails) -> tuple[str, str, str]:
    return details.task_id.project, details.task_id.domain, details.task_id.name
