"""`Report`: what a reviewer reads of a preview, as frozen values. Every output format is made from it.

Its JSON and the published schema follow from these declarations (`rendering/documents`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Literal, NamedTuple, TypeAlias

from pydantic import Field

from pulumi_flyte_review.model.exports import ExportChange
from pulumi_flyte_review.model.preview import Diagnostic, Operation, PolicyViolation
from pulumi_flyte_review.model.reason import Reason
from pulumi_flyte_review.model.workload import Kind

_NAME = "The Pulumi name. Where two have it, the type of the component around comes first: `Shop/web`."
_TOKEN = "The argument of `pulumi-flyte up --reviewed`. null: the report binds nothing."
_DRIFT = "true: the changes are those that somebody made outside of Pulumi."
_Names: TypeAlias = Annotated[tuple[str, ...], Field(min_length=1)]
_OTHERS = "Resources that belong to no app, task, secret or environment: `type name` by operation."


@dataclass(frozen=True, slots=True, order=True)
class Loss:
    """A resource below a workload that is deleted although the workload stays.

    resource: its type and its name. operation: `replace` where another one comes for it, and `delete` for one that an
    earlier update left to be deleted. because: the properties that cannot change in place.
    """

    resource: Annotated[str, Field(description="Its type and its name.")]
    operation: Annotated[
        Literal["replace", "delete"], Field(alias="op", description="delete: an earlier update left it.")
    ]
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

    kind: Annotated[Kind, Field(alias="type")]
    name: Annotated[str, Field(description=_NAME)]
    urn: str
    operation: Annotated[Operation, Field(alias="op")]
    reasons: Annotated[tuple[Reason, ...], Field(alias="why")] = ()
    restarts: Annotated[bool, Field(description="Whether running containers are replaced.")] = False
    replaced_because: Annotated[tuple[str, ...], Field(description="Properties that cannot change in place.")] = ()
    resources: Annotated[tuple[str, ...], Field(description="URNs of what changes.")] = ()
    dependents: Annotated[tuple[str, ...], Field(description="Who calls or uses it, such as `app frontend`.")] = ()
    losses: tuple[Loss, ...] = ()
    rename: Rename | None = None

    @property
    def label(self) -> str:
        """The kind and the name, such as `app web`."""
        return f"{self.kind} {self.name}"


class Connection(NamedTuple):
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
    operation: Annotated[str, Field(description="Such as `GET /greeting/{name}`.")]
    problem: str
    file: Annotated[str, Field(description="The file of the caller that makes the call.")]
    line: int


@dataclass(frozen=True, slots=True)
class Node:
    """A workload in the picture of the wiring. operation: `same` for a neighbour of what changes."""

    kind: Annotated[Kind, Field(alias="type")]
    name: str
    operation: Annotated[Operation, Field(alias="op")]

    @property
    def label(self) -> str:
        """The kind and the name, as edges have them."""
        return f"{self.kind} {self.name}"


@dataclass(frozen=True, slots=True, order=True)
class Edge:
    """An edge of the wiring: `caller` has `callee` among its inputs or secrets. edit: what the update does with it."""

    caller: Annotated[str, Field(alias="from", description="Such as `app frontend`.")]
    callee: Annotated[str, Field(alias="to")]
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
    others: the resources that belong to no component of pulumi-flyte, without those that stay as they are.
    drift: whether the changes are those that somebody made outside of Pulumi, and not those of an update.
    """

    project: Annotated[str, Field(min_length=1, max_length=200)]
    stack: Annotated[str, Field(min_length=1, max_length=200)]
    token: Annotated[str | None, Field(pattern=r"^[A-Za-z0-9_.:=+/-]+$", max_length=1000, description=_TOKEN)] = None
    drift: Annotated[bool, Field(description=_DRIFT)] = False
    changes: Annotated[tuple[Change, ...], Field(description="Deletions first, then replacements.")] = ()
    reachability: Reachability = Reachability()
    contracts: Annotated[tuple[ContractBreak, ...], Field(description="Calls that break.")] = ()
    unchecked: Annotated[tuple[str, ...], Field(description="What could not be told about contracts.")] = ()
    others: Annotated[Mapping[Operation, _Names], Field(description=_OTHERS)] = field(default_factory=dict)
    exports: Annotated[tuple[ExportChange, ...], Field(alias="outputs")] = ()
    graph: Graph = Graph()
    policies: tuple[PolicyViolation, ...] = ()
    diagnostics: Annotated[tuple[Diagnostic, ...], Field(alias="warnings")] = ()
