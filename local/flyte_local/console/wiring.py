"""The wiring of deployed apps and tasks, as their variable FLYTE_WIRING has it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from connectrpc.errors import ConnectError
from flyte_runtime.contract import WIRING_VARIABLE, AppInput, TaskInput, Wiring

from flyte_local.apps.app import ManagedApp
from flyte_local.apps.workload import workload
from flyte_local.console.app_phase import app_phase
from flyte_local.errors import InvalidAppError
from flyte_local.tasks.containers import container_of
from flyte_local.tasks.versions import Tasks
from flyte_local.web.paths import Scope
from flyte_local.wire.containers import variables_of


@dataclass(frozen=True, order=True)
class Node:
    """An app or a task."""

    kind: Literal["app", "task"]
    project: str
    domain: str
    name: str

    @property
    def path(self) -> str:
        """The address of its page."""
        return Scope(self.project, self.domain).resource(f"{self.kind}s", self.name)

    def is_near(self, scope: Scope) -> bool:
        """Return whether the page of a scope need not name the project of the workload."""
        return bool(scope.project) and scope.holds(self.project, self.domain)

    def label(self, scope: Scope) -> str:
        """Return the name on the page of a scope."""
        return self.name if self.is_near(scope) else f"{self.project}/{self.domain}/{self.name}"


@dataclass(frozen=True, order=True)
class Edge:
    """An edge: `caller` has `callee` as its input `alias`."""

    caller: Node
    callee: Node
    alias: str

    @property
    def verb(self) -> Literal["calls", "starts"]:
        """The verb of the edge: apps are called and tasks are started."""
        return "calls" if self.callee.kind == "app" else "starts"


@dataclass(frozen=True)
class Graph:
    """The deployed workloads with their phases ('' for a task), and the edges, which may lead to missing workloads."""

    nodes: Mapping[Node, str]
    edges: tuple[Edge, ...]

    def absent(self, node: Node) -> bool:
        """Return whether a workload that others are wired to is not deployed."""
        return node not in self.nodes


def wiring_of(apps: Sequence[ManagedApp], tasks: Tasks, scope: Scope) -> Graph:
    """Return the graph of a scope: its workloads, and the workloads of other projects that call or are called."""
    phases = {_node(app): app_phase(app) for app in apps}
    environments = _environments(apps, tasks)
    edges = [
        edge
        for node, environment in environments.items()
        for edge in (Edge(node, callee, alias) for alias, callee in _inputs(environment))
        if any(scope.holds(end.project, end.domain) for end in (edge.caller, edge.callee))
    ]
    near = {node for edge in edges for node in (edge.caller, edge.callee)}
    nodes: dict[Node, str] = {}
    for node in sorted(environments):
        if scope.holds(node.project, node.domain) or node in near:
            nodes[node] = phases.get(node, "")
    return Graph(nodes, tuple(sorted(edges)))


def _environments(apps: Sequence[ManagedApp], tasks: Tasks) -> dict[Node, Mapping[str, str]]:
    """Return the variables of all workloads. A workload whose container cannot be read has none."""
    environments: dict[Node, Mapping[str, str]] = {}
    for app in apps:
        node = _node(app)
        environments[node] = {}
        with contextlib.suppress(InvalidAppError):
            environments[node] = workload(app.app.spec).environment
    for _, details in tasks.versions(""):  # the oldest come first, so that the newest version counts
        task = details.task_id
        node = Node("task", task.project, task.domain, task.name)
        environments[node] = {}
        with contextlib.suppress(ConnectError):
            environments[node] = variables_of(container_of(details.spec.task_template))
    return environments


def _node(app: ManagedApp) -> Node:
    return Node("app", app.key.project, app.key.domain, app.key.name)


def _inputs(environment: Mapping[str, str]) -> Iterator[tuple[str, Node]]:
    """Yield aliases with their workloads. Unreadable wiring has none."""
    text = environment.get(WIRING_VARIABLE)
    if not text:
        return
    try:
        wiring = Wiring.from_json(text)
    except ValueError:
        return
    for alias, value in wiring.inputs.items():
        if isinstance(value, AppInput | TaskInput):
            yield alias, Node(value.kind, value.project, value.domain, value.name)
