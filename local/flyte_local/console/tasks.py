"""The console's pages about tasks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Sequence
from dataclasses import dataclass

from flyteidl2.core.interface_pb2 import VariableMap
from flyteidl2.task.task_definition_pb2 import TaskDetails

from flyte_local.console.graph import Neighbour, neighbours
from flyte_local.console.pagination import list_view
from flyte_local.console.rendering import View
from flyte_local.console.requests import PageRequest
from flyte_local.console.run_list import RunRow, last_runs
from flyte_local.console.triggers import TriggerRow, trigger_row
from flyte_local.console.values import type_text
from flyte_local.console.wiring import Node
from flyte_local.web.paths import Scope, with_query
from flyte_local.wire.times import seconds

_LAST_RUNS = 20
_MOST_VERSIONS = 30
_MOST_VARIABLES = 60
_LONGEST_TYPE = 200
_LONGEST_DESCRIPTION = 1000


@dataclass(frozen=True)
class TaskRow:
    """A task in the list, with its newest version."""

    scope: Scope
    name: str
    version: str
    deployed_at: float
    triggers: int


@dataclass(frozen=True)
class Variable:
    """An input or an output."""

    name: str
    type: str
    required: bool


@dataclass(frozen=True)
class Interface:
    """One version of a task, for people."""

    version: str
    environment: str
    description: str
    cached: bool
    attempts: int
    inputs: Sequence[Variable]
    outputs: Sequence[Variable]


@dataclass(frozen=True)
class VersionRow:
    """A version in the list of a task's versions."""

    path: str
    name: str
    shown: bool
    deployed_at: float


@dataclass(frozen=True)
class TaskPage:
    """The content of a task's page."""

    interface: Interface | None
    triggers: Sequence[TriggerRow]
    wiring: Sequence[Neighbour]
    runs: Sequence[RunRow]
    all_runs: str
    versions: Sequence[VersionRow]
    version_count: int


def task_list(request: PageRequest) -> View:
    """Return the list of tasks, each once with its newest version."""
    parts, scope = request.parts, request.scope
    newest = {_key(details): (at, details) for at, details in parts.tasks.versions(scope.prefix)}
    names = (trigger.id.name for trigger in parts.triggers.all(scope.prefix))
    triggers = Counter((name.project, name.domain, name.task_name) for name in names)

    def row(key: tuple[str, str, str]) -> TaskRow:
        at, details = newest[key]
        return TaskRow(Scope(*key[:2]), key[2], details.task_id.version, at, triggers[key])

    return list_view(request, "tasks", sorted(newest), row)


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
    path = scope.resource("tasks", name)
    content = TaskPage(
        interface=_interface(chosen) if chosen is not None else None,
        triggers=[trigger_row(parts.triggers, trigger) for trigger in triggers],
        wiring=neighbours(request, Node("task", scope.project, scope.domain, name)),
        runs=last_runs(parts.records, scope, _LAST_RUNS, name),
        all_runs=with_query(f"{scope.path}/runs", {"task": name}),
        versions=[_version(path, each, shown=each is chosen) for each in versions[:_MOST_VERSIONS]],
        version_count=len(versions),
    )
    return View("task", name, content, scope, "tasks")


def _version(path: str, details: TaskDetails, *, shown: bool) -> VersionRow:
    version = details.task_id.version
    return VersionRow(f"{path}?version={version}", version, shown, seconds(details.metadata.deployed_at))


def _interface(details: TaskDetails) -> Interface:
    template = details.spec.task_template
    optional = {default.name for default in details.spec.default_inputs}
    retries = template.metadata.retries.retries
    return Interface(
        version=details.task_id.version,
        environment=details.spec.environment.name,
        description=details.spec.documentation.short_description[:_LONGEST_DESCRIPTION],
        cached=template.metadata.discoverable,
        attempts=retries + 1 if retries else 0,
        inputs=_variables(template.interface.inputs, optional),
        outputs=_variables(template.interface.outputs),
    )


def _variables(declared: VariableMap, optional: Container[str] = ()) -> list[Variable]:
    return [
        Variable(entry.key, type_text(entry.value.type)[:_LONGEST_TYPE], entry.key not in optional)
        for entry in declared.variables[:_MOST_VARIABLES]
    ]


def _key(details: TaskDetails) -> tuple[str, str, str]:
    return details.task_id.project, details.task_id.domain, details.task_id.name
