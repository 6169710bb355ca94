"""`Preview`: what the engine says that an update would do, as frozen values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeAlias

from pulumi_flyte.naming.urns import STACK
from pydantic import Field

from pulumi_flyte_review.model.urns import name_of

if TYPE_CHECKING:
    Json: TypeAlias = "str | int | float | bool | Sequence[Json] | Mapping[str, Json] | None"
else:
    # pydantic, which reads and writes reports, resolves no alias that refers to itself.
    Json = Any

Operation: TypeAlias = Literal["same", "create", "update", "replace", "delete", "import", "read"]
PropertyEdit: TypeAlias = Literal["add", "update", "delete"]
Severity: TypeAlias = Literal["info", "warning", "error"]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A resource before or after the update.

    inputs: the properties that the program gave. outputs: those that the provider or the component gave back.
    """

    inputs: Mapping[str, Json] = field(default_factory=dict)
    outputs: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, order=True)
class PropertyChange:
    """A property that differs, as the provider compares it.

    path: such as `scaling.replicas`. replaces: whether the change needs a new resource.
    """

    path: str
    edit: PropertyEdit
    replaces: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """The step of an update for one resource.

    before: None for a resource that does not exist yet. after: None for a resource that is deleted.
    live: the resource as a refresh read it, if it differs from the state. None if it is equal, or without a refresh.
    gone: whether a refresh found no such resource. drifted: the properties that the refresh found changed.
    leftover: whether an earlier update left an older resource of this URN, which this update deletes.
    """

    urn: str
    type: str
    operation: Operation
    parent: str | None = None
    before: Snapshot | None = None
    after: Snapshot | None = None
    live: Snapshot | None = None
    properties: tuple[PropertyChange, ...] = ()
    gone: bool = False
    drifted: tuple[PropertyChange, ...] = ()
    leftover: bool = False

    @property
    def name(self) -> str:
        """The Pulumi name."""
        return name_of(self.urn)

    @property
    def changes(self) -> bool:
        """True if the update does anything with the resource."""
        return self.operation not in ("same", "read") or self.leftover


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """A message of the engine, a provider or the program. urn: the resource that it is about, if any."""

    severity: Annotated[Severity, Field(default="warning", exclude=True)]
    message: str
    urn: str | None = None


@dataclass(frozen=True, slots=True)
class PolicyViolation:
    """A rule that the update breaks. mandatory: whether a policy pack with the rule stops the update."""

    pack: str
    policy: str
    message: str
    mandatory: Annotated[bool, Field(description="Whether it stops the update where it is in a policy pack.")]
    urn: str | None = None


@dataclass(frozen=True, slots=True)
class Preview:
    """A whole preview of one stack.

    steps: every resource, also those that stay as they are, in the engine's order.
    configuration: the stack's configuration, with SECRET for secret values.
    refreshed: whether the state was compared with the live resources first.
    """

    project: str
    stack: str
    steps: tuple[Step, ...]
    configuration: Mapping[str, str] = field(default_factory=dict)
    diagnostics: tuple[Diagnostic, ...] = ()
    policies: tuple[PolicyViolation, ...] = ()
    refreshed: bool = False

    @property
    def exports(self) -> tuple[Mapping[str, Json], Mapping[str, Json]]:
        """The outputs of the stack itself, before and after."""
        stack = next((step for step in self.steps if step.type == STACK), None)
        before, after = (None, None) if stack is None else (stack.before, stack.after)
        return ({} if before is None else before.outputs, {} if after is None else after.outputs)
