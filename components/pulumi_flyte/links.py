"""Edges as values: what one workload hands to another.

A link can be printed, compared and tested; it crosses the engine as the plain mapping of `as_dict()`, so that
programs in other languages pass `backend.link` where a Python program passes `backend`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeAlias, TypedDict, Union, cast

import pulumi
from typing_extensions import NotRequired

from pulumi_flyte.arguments.call import CheckedCall
from pulumi_flyte.arguments.declaration import Property
from pulumi_flyte.errors import ArgumentsError
from pulumi_flyte.naming.control_planes import ControlPlane

if TYPE_CHECKING:
    from pulumi_flyte.component import Workload
    from pulumi_flyte.secret import Secret


@dataclass(frozen=True)
class AppEndpoint(CheckedCall):
    """An app by name: in another stack, or the way back in a legal cycle. Orders nothing.

    `project` and `domain` default to the consumer's own.
    """

    name: str
    project: str | None = None
    domain: str | None = None


class AppEndpointDict(TypedDict):
    """`AppEndpoint` as a mapping."""

    app: Annotated[str, Property("The app's name.")]
    project: NotRequired[Annotated[str | None, Property("By default the consumer's own.")]]
    domain: NotRequired[Annotated[str | None, Property("By default the consumer's own.")]]


@dataclass(frozen=True)
class TaskRef(CheckedCall):
    """A task by name; without a version, the latest one when it is called. Orders nothing."""

    name: str
    version: str | None = None
    project: str | None = None
    domain: str | None = None


class TaskRefDict(TypedDict):
    """`TaskRef` as a mapping."""

    task: Annotated[str, Property("The task's name, for a Flyte task `environment.function`.")]
    version: NotRequired[Annotated[str | None, Property("By default the latest one when it is called.")]]
    project: NotRequired[Annotated[str | None, Property("By default the consumer's own.")]]
    domain: NotRequired[Annotated[str | None, Property("By default the consumer's own.")]]


@dataclass(frozen=True)
class StackLink(CheckedCall):
    """An output of another stack that is the `link` of an app, a task or a secret. It is checked in the preview.

    stack: the full name, such as `acme/backend/production`. project, domain: where the other one has to be. Without
    them it is in any project, and in the consumer's own domain.
    """

    stack: str
    output: str
    project: str | None = None
    domain: str | None = None


class StackLinkDict(TypedDict):
    """`StackLink` as a mapping."""

    stack: Annotated[str, Property("The other stack's full name, such as `acme/backend/production`.")]
    output: Annotated[str, Property("The output of that stack: the `link` of an app, a task or a secret.")]
    project: NotRequired[Annotated[str | None, Property("The project that it has to be in. By default any.")]]
    domain: NotRequired[
        Annotated[str | None, Property("The domain that it has to be in. By default the consumer's own.")]
    ]


class ControlPlaneDict(TypedDict):
    """The control plane of a link."""

    platform: Annotated[str, Property("`local` or `flyte`.")]
    endpoint: Annotated[str, Property("The URL of its API.")]
    org: Annotated[str, Property("The organisation.")]


class AppLinkDict(TypedDict):
    """The value of `App.link`, for other stacks and languages."""

    kind: Annotated[Literal["app"], Property("Always `app`.")]
    project: Annotated[str, Property("The Flyte project.")]
    domain: Annotated[str, Property("The Flyte domain.")]
    name: Annotated[str, Property("The app's name.")]
    url: Annotated[pulumi.Input[str], Property("The URL under which other workloads reach it.")]
    publicUrl: NotRequired[Annotated[pulumi.Input[str], Property("The URL for people and other systems.")]]
    authKey: NotRequired[
        Annotated[pulumi.Input[str], Property("The URN of its `flyte:api:AuthKey`, where it requires credentials.")]
    ]
    controlPlane: NotRequired[Annotated[ControlPlaneDict, Property("Where it runs.")]]


class TaskLinkDict(TypedDict):
    """The value of `Task.link`, for other stacks and languages."""

    kind: Annotated[Literal["task"], Property("Always `task`.")]
    project: Annotated[str, Property("The Flyte project.")]
    domain: Annotated[str, Property("The Flyte domain.")]
    name: Annotated[str, Property("The task's name.")]
    version: NotRequired[Annotated[pulumi.Input[str], Property("The deployed version.")]]
    controlPlane: NotRequired[Annotated[ControlPlaneDict, Property("Where it runs.")]]


class SecretLinkDict(TypedDict):
    """The value of `Secret.link`, for other stacks and languages. It identifies the secret and never has its value."""

    kind: Annotated[Literal["secret"], Property("Always `secret`.")]
    name: Annotated[pulumi.Input[str], Property("The key in the store.")]
    version: NotRequired[Annotated[pulumi.Input[str], Property("Changes exactly when the value does.")]]
    entry: NotRequired[Annotated[str, Property("The entry of an existing Secret of Kubernetes, `value` by default.")]]
    project: NotRequired[Annotated[str, Property("The Flyte project; without one it is its domain's.")]]
    domain: NotRequired[Annotated[str, Property("The Flyte domain; without one it is everybody's.")]]
    controlPlane: NotRequired[Annotated[ControlPlaneDict, Property("Where its store is.")]]


# An app or a task, in all forms of a reference.
WorkloadReference: TypeAlias = Union[
    "Workload",
    AppEndpoint,
    TaskRef,
    StackLink,
    "AppLink",
    "TaskLink",
    AppEndpointDict,
    TaskRefDict,
    StackLinkDict,
    AppLinkDict,
    TaskLinkDict,
    "pulumi.Output[AppLinkDict]",
    "pulumi.Output[TaskLinkDict]",
]


@dataclass(frozen=True)
class Link(CheckedCall):
    """A reference with options for this edge: `timeout` in seconds for a whole call, `retries` of one call at most."""

    to: WorkloadReference
    timeout: float | None = None
    retries: int | None = None


class LinkDict(TypedDict):
    """`Link` as a mapping."""

    to: Annotated[WorkloadReference, Property("The app or task.")]
    timeout: NotRequired[Annotated[float | None, Property("Seconds that a whole call may take.")]]
    retries: NotRequired[Annotated[int | None, Property("How often one call is repeated at most.")]]


# An entry of `inputs`, and one of `secrets`.
WorkloadInput: TypeAlias = Union["WorkloadReference", Link, LinkDict, pulumi.Input[str]]
WorkloadSecret: TypeAlias = (
    "Secret | SecretLink | StackLink | SecretLinkDict | StackLinkDict | pulumi.Output[SecretLinkDict]"
)


@dataclass(frozen=True)
class AppLink(CheckedCall):
    """A reference to an `App`. `auth_key` is the URN of its `flyte:api:AuthKey`, where it requires credentials."""

    project: str
    domain: str
    name: str
    url: str
    public_url: pulumi.Input[str] | None = None
    auth_key: pulumi.Input[str] | None = None
    kind: str = "app"
    control_plane: ControlPlane | None = None

    def as_dict(self) -> AppLinkDict:
        """Return the form that crosses the engine."""
        return cast(AppLinkDict, _camel(_shallow(self)))


@dataclass(frozen=True)
class TaskLink(CheckedCall):
    """A reference to a `Task`. The version may be an Output, where the task's spec contains one."""

    project: str
    domain: str
    name: str
    version: pulumi.Input[str] | None = None
    kind: str = "task"
    control_plane: ControlPlane | None = None

    def as_dict(self) -> TaskLinkDict:
        """Return the form that crosses the engine."""
        return cast(TaskLinkDict, _camel(_shallow(self)))


@dataclass(frozen=True)
class SecretLink(CheckedCall):
    """A reference to a `Secret`: its identity and version, never its value. Without a project it is its domain's;
    without a domain as well it is everybody's."""

    name: pulumi.Input[str]
    version: pulumi.Input[str] | None = None
    project: str | None = None
    domain: str | None = None
    kind: str = "secret"
    control_plane: ControlPlane | None = None
    entry: str | None = None

    def as_dict(self) -> SecretLinkDict:
        """Return the form that crosses the engine."""
        return cast(SecretLinkDict, _camel(_shallow(self)))


_KINDS: dict[str, type[AppLink] | type[TaskLink] | type[SecretLink]] = {
    "app": AppLink,
    "task": TaskLink,
    "secret": SecretLink,
}


def from_dict(
    value: Mapping[str, Any],
) -> AppLink | TaskLink | SecretLink | AppEndpoint | TaskRef | StackLink | Link | None:
    """Return the inverse of `as_dict`; also understand `{"app": name}` and `{"task": name}` for references by name,
    `{"stack": name, "output": name}` for an output of another stack and `{"to": link, "timeout": …}` for an edge with
    options. None where the mapping is no link."""
    kind = value.get("kind")
    fields = {_SNAKE.get(key, key): item for key, item in value.items()}
    try:
        if isinstance(kind, str) and kind in _KINDS:
            return _link(_KINDS[kind], fields)
        if "to" in fields:
            return Link(**fields)
        if "app" in fields:
            return AppEndpoint(name=fields.pop("app"), **fields)
        if "task" in fields:
            return TaskRef(name=fields.pop("task"), **fields)
        if "stack" in fields:
            return StackLink(**fields)
    except (TypeError, ArgumentsError):
        return None
    return None


def _link(
    kind: type[AppLink] | type[TaskLink] | type[SecretLink], values: Mapping[str, Any]
) -> AppLink | TaskLink | SecretLink:
    """Return a link. Fields of a newer version are left out, and those that an older one lacks are None."""
    parts = {key: values[key] for key in kind.__dataclass_fields__ if key in values}
    return kind(**{**parts, "control_plane": ControlPlane.from_dict(parts.get("control_plane"))})


def to_dict(value: AppEndpoint | TaskRef) -> dict[str, Any]:
    """Return a reference by name in the form that crosses the engine."""
    # `dataclasses.asdict` deep-copies its values, which an Output does not survive.
    parts = {key: getattr(value, key) for key in value.__dataclass_fields__}
    fields = {key: item for key, item in parts.items() if item is not None and key != "name"}
    return {**fields, "app" if isinstance(value, AppEndpoint) else "task": value.name}


def _shallow(value: Any) -> dict[str, Any]:
    """Return the fields of a link. `dataclasses.asdict` would deep-copy them, which an Output does not survive."""
    fields = {name: getattr(value, name) for name in value.__dataclass_fields__}
    plane = fields["control_plane"]
    return {**fields, "control_plane": None if plane is None else asdict(plane)}


_SNAKE = {"publicUrl": "public_url", "authKey": "auth_key", "controlPlane": "control_plane"}
_CAMEL = {snake: camel for camel, snake in _SNAKE.items()}


def _camel(fields: dict[str, Any]) -> dict[str, Any]:
    return {_CAMEL.get(key, key): item for key, item in fields.items() if item is not None}
