"""`Report`: what a reviewer reads of a preview, as frozen values. Every output format is made from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from pulumi_flyte_review.model.exports import ExportChange
from pulumi_flyte_review.model.preview import Diagnostic, Operation, PolicyViolation
from pulumi_flyte_review.model.reason import Reason
from pulumi_flyte_review.model.workload import Kind


@dataclass(frozen=True, slots=True, order=True)
class Loss:
    """A resource below a workload that is deleted although the workload stays.

    resource: its type and its name. operation: `replace` where another one comes for it, and `delete` for one that an
    earlier update left to be deleted. because: the properties that cannot change in place.
    """

    resource: str
    operation: Literal["replace", "delete"]
    because: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rename:
    """The other half of what looks like a rename: a workload with the same code and arguments.

    name: its Pulumi name. flyte_name: the former name in Flyte, which the new workload has to be given to stay the same
    one. None for the half that goes, and where the new one has that name already.
    """

    name: str
    flyte_name: str | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """A component that changes.

    operation: what happens to the resource that the component is made for; `same` where only somebody outside of Pulumi
    changed it, and the update leaves that as it is.
    restarts: whether its running containers are replaced. replaced_because: the properties that need a new resource.
    resources: the URNs of its resources that change, sorted. It is only the component itself where an
    argument has no effect outside of Pulumi's state.
    dependents: the workloads that call or use it afterwards, such as `app frontend`.
    losses: the resources below that are deleted or replaced. rename: the workload that goes where this one comes, or
    the reverse.
    """

    kind: Kind
    name: str
    urn: str
    operation: Operation
    reasons: tuple[Reason, ...] = ()
    restarts: bool = False
    replaced_because: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()
    dependents: tuple[str, ...] = ()
    losses: tuple[Loss, ...] = ()
    rename: Rename | None = None


@dataclass(frozen=True, slots=True, order=True)
class Connection:
    """A caller that may reach an app. caller: such as `app frontend`, or `the internet` for a public app."""

    caller: str
    callee: str
    port: str


@dataclass(frozen=True, slots=True)
class Reachability:
    """The connections that the update opens and closes."""

    gained: tuple[Connection, ...] = ()
    lost: tuple[Connection, ...] = ()


@dataclass(frozen=True, slots=True, order=True)
class ContractBreak:
    """A call in a caller's code that the changed callee answers no longer as before.

    operation: such as `GET /greeting/{name}`, or a task's interface. file, line: where the caller makes the call.
    """

    caller: str
    callee: str
    operation: str
    problem: str
    file: str
    line: int


@dataclass(frozen=True, slots=True)
class Others:
    """The resources of the stack that belong to no component of pulumi-flyte.

    counts: by operation, without those that stay as they are. names: `type name` of each by operation.
    """

    counts: Mapping[Operation, int] = field(default_factory=dict)
    names: Mapping[Operation, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Node:
    """A workload in the picture of the wiring. operation: `same` for a neighbour of what changes."""

    kind: Kind
    name: str
    operation: Operation


@dataclass(frozen=True, slots=True, order=True)
class Edge:
    """An edge of the wiring: `caller` has `callee` among its inputs or secrets. edit: what the update does with it."""

    caller: str
    callee: str
    edit: Literal["same", "add", "delete"] = "same"


@dataclass(frozen=True, slots=True)
class Graph:
    """The wiring before and after the update, in one picture."""

    nodes: tuple[Node, ...] = ()
    edges: tuple[Edge, ...] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """A report for reviewers.

    token: binds `pulumi-flyte up --reviewed`. None for a report without a state, such as `--offline`.
    unchecked: what could not be told about contracts, one sentence each. exports: the stack's outputs that change.
    drift: whether the changes are those that somebody made outside of Pulumi, and not those of an update.
    """

    project: str
    stack: str
    changes: tuple[Change, ...] = ()
    reachability: Reachability = Reachability()
    contracts: tuple[ContractBreak, ...] = ()
    unchecked: tuple[str, ...] = ()
    others: Others = Others()
    exports: tuple[ExportChange, ...] = ()
    graph: Graph = Graph()
    diagnostics: tuple[Diagnostic, ...] = ()
    policies: tuple[PolicyViolation, ...] = ()
    token: str | None = None
    drift: bool = False
