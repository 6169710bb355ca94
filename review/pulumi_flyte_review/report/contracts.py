"""The contracts of a stack: its edges with the calls of the callers and the interfaces of the callees. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from flyte_runtime.contract import variable_name
from pulumi_flyte.workload.manifest import Manifest

from pulumi_flyte_review.contracts.api import Api
from pulumi_flyte_review.contracts.calls import Apis
from pulumi_flyte_review.contracts.edges import AppEdge, Findings, TaskEdge, findings, parsed_apis
from pulumi_flyte_review.contracts.tasks import TaskInterface
from pulumi_flyte_review.contracts.usage import Usage
from pulumi_flyte_review.model.names import Target
from pulumi_flyte_review.model.preview import Json
from pulumi_flyte_review.model.workload import Stack, Workload
from pulumi_flyte_review.wiring.edges import wires

_TASK = "flyte:api:Task"


def contracts_of(stack: Stack) -> Findings:
    """Return the calls that the update breaks, and what could not be told."""
    callees = _Callees(stack)
    apps: list[AppEdge] = []
    tasks: list[TaskEdge] = []
    for workload in stack.workloads:
        if workload.kind in ("app", "task") and workload.step.after is not None:
            apps += _app_edges(workload, callees)
            tasks += _task_edges(workload, callees)
    return findings(apps, tasks)


class _Callees:
    """The workloads that exist before and after, by their links and their URLs."""

    def __init__(self, stack: Stack) -> None:
        self._by_target: dict[Target, Workload] = {}
        self._by_url: dict[str, Workload] = {}
        self._apis: dict[str, Apis | None] = {}
        for workload in stack.workloads:
            if workload.step.before is None or workload.step.after is None:
                continue
            link = workload.outputs[1].get("link")
            target = Target.of(link)
            if target is not None:
                self._by_target[target] = workload
            for url in _urls(link):
                self._by_url[url] = workload

    def by_target(self, target: Target) -> Workload | None:
        """Return the workload that a link leads to."""
        return self._by_target.get(target)

    def by_url(self, url: Json) -> Workload | None:
        """Return the app with a URL."""
        return self._by_url.get(url.rstrip("/")) if isinstance(url, str) else None

    def apis(self, workload: Workload) -> Apis | None:
        """Return the API of an app before and after, which is read once."""
        urn = workload.step.urn
        if urn not in self._apis:
            documents = (manifest_of(workload, side).contract.api for side in (0, 1))
            old, new = (None if document is None else Api.parse(document) for document in documents)
            self._apis[urn] = parsed_apis(old, new)
        return self._apis[urn]


def _urls(link: Json) -> Iterator[str]:
    if isinstance(link, Mapping) and link.get("kind") == "app":
        for key in ("url", "publicUrl"):
            if isinstance(link.get(key), str):
                yield str(link[key]).rstrip("/")


def manifest_of(workload: Workload, side: int) -> Manifest:
    """Return the manifest of a workload, 0 before the update and 1 after it."""
    return workload.manifests[side] or Manifest()


def _app_edges(caller: Workload, callees: _Callees) -> Iterator[AppEdge]:
    """Yield the edges to apps: those of `inputs`, and variables that hold an app's URL."""
    aliases: dict[str, tuple[Workload, set[str], set[str]]] = {}

    def add(callee: Workload | None, alias: str | None, variable: str) -> None:
        if callee is not None and callee.kind == "app":
            _, names, variables = aliases.setdefault(callee.step.urn, (callee, set(), set()))
            variables.add(variable)
            if alias is not None:
                names.add(alias)

    for wire in wires(caller, 1):
        if wire.target.kind == "app":
            add(callees.by_target(wire.target), wire.alias, variable_name(wire.alias))
    env = caller.inputs[1].get("env")
    for variable, value in env.items() if isinstance(env, Mapping) else ():
        add(callees.by_url(value), None, variable)
    usage = Usage.parse(manifest_of(caller, 1).contract.calls) if aliases else Usage()
    for callee, names, variables in aliases.values():
        calls = tuple(call for call in usage.calls if call.alias in names or call.variable in variables)
        yield AppEdge(caller.label, callee.label, calls, callees.apis(callee), _changes(callee))


def _task_edges(caller: Workload, callees: _Callees) -> Iterator[TaskEdge]:
    aliases: dict[str, tuple[Workload, set[str]]] = {}
    for wire in wires(caller, 1):
        callee = callees.by_target(wire.target)
        if callee is not None and callee.kind == "task":
            aliases.setdefault(callee.step.urn, (callee, set()))[1].add(wire.alias)
    usage = Usage.parse(manifest_of(caller, 1).contract.calls) if aliases else Usage()
    for callee, names in aliases.values():
        interfaces = [_interface(callee, side) for side in (0, 1)]
        old, new = interfaces
        if old is not None and new is not None:
            starts = tuple(start for start in usage.starts if start.alias in names)
            yield TaskEdge(caller.label, callee.label, starts, old, new)


def _interface(task: Workload, side: int) -> TaskInterface | None:
    for step in task.resources:
        snapshot = (step.before, step.after)[side]
        template = snapshot.inputs.get("template") if step.type == _TASK and snapshot is not None else None
        if isinstance(template, Mapping):
            return TaskInterface.parse(template)
    return None


def _changes(app: Workload) -> bool:
    """Return whether an app's code changes."""
    before, after = (manifest_of(app, side) for side in (0, 1))
    return (before.files, before.contract.api) != (after.files, after.contract.api)
