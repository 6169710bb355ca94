"""References between workloads, as values that can be printed, compared and tested.

The engine transports a link as the plain mapping of `as_dict()`. So a program in another language can pass
`backend.link` where a Python program passes `backend`.
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
    """A reference to an app by name: to an app of another stack, or to close a cycle. It has no effect on the order.

    `project` and `domain` default to those of the workload that refers.
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
    """A reference to a task by name. It has no effect on the order. Without a version, a call starts the latest one."""

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
    """A reference to an output of another stack, the `link` of an app, a task or a secret. A preview checks it.

    stack: the full name, such as `acme/backend/production`. project, domain: the place that the link must have. By
    default the project may be any, and the domain is that of the workload that refers.
    """

    stack: str
    output: str
    project: str | None = None
    domain: str | None = None


class StackLinkDict(TypedDict):
    """`StackLink` as a mapping."""

    stack: Annotated[str, Property("The other stack's full name, such as `acme/backend/production`.")]
    output: Annotated[str, Property("The output of that stack: the `link` of an app, a task or a secret.")]
    project: NotRequired[Annotated[str | None, Property("The project that the link must have. By default any.")]]
    domain: NotRequired[
        Annotated[
            str | None, Property("The domain that the link must have. By default that of the workload that refers.")
        ]
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
        Annotated[pulumi.Input[str], Property("The URN of its `flyte:api:AuthKey`, if it requires credentials.")]
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
    version: NotRequired[
        Annotated[pulumi.Input[str], Property("A version that changes exactly when the value changes.")]
    ]
    entry: NotRequired[Annotated[str, Property("The entry of an existing Secret of Kubernetes, `value` by default.")]]
    project: NotRequired[
        Annotated[str, Property("The Flyte project. Without one, all projects of its domain share the secret.")]
    ]
    domain: NotRequired[Annotated[str, Property("The Flyte domain. Without one, all domains share the secret.")]]
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
    """A reference with options for its edge: `timeout` of a whole call in seconds, and the most `retries` of a call."""

    to: WorkloadReference
    timeout: float | None = None
    retries: int | None = None


class LinkDict(TypedDict):
    """`Link` as a mapping."""

    to: Annotated[WorkloadReference, Property("The app or task.")]
    timeout: NotRequired[Annotated[float | None, Property("Seconds that a whole call may take.")]]
    retries: NotRequired[Annotated[int | None, Property("The most repetitions of one call.")]]


# An entry of `inputs`, and one of `secrets`.
WorkloadInput: TypeAlias = Union["WorkloadReference", Link, LinkDict, pulumi.Input[str]]
WorkloadSecret: TypeAlias = (
    "Secret | SecretLink | StackLink | SecretLinkDict | StackLinkDict | pulumi.Output[SecretLinkDict]"
)


@dataclass(frozen=True)
class AppLink(CheckedCall):
    """A reference to an `App`. `auth_key` is the URN of its `flyte:api:AuthKey`, if it requires credentials."""

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
    """A reference to a `Task`. Its version is an Output if the task's spec contains one."""

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
    """A reference to a `Secret`: its identity and version, never its value.

    Without a project, all projects of its domain share it. Without a domain as well, all domains share it."""

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
    """Return the link of a mapping from `as_dict`, or None if the mapping is not a link.

    It also accepts `{"app": name}` and `{"task": name}` for references by name, `{"stack": name, "output": name}` for
    an output of another stack, and `{"to": link, "timeout": …}` for an edge with options."""
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
    """Return a link. It ignores fields of a newer version, and fields that an older version does not have are None."""
    parts = {key: values[key] for key in kind.__dataclass_fields__ if key in values}
    return kind(**{**parts, "control_plane": ControlPlane.from_dict(parts.get("control_plane"))})


def to_dict(value: AppEndpoint | TaskRef) -> dict[str, Any]:
    """Return a reference by name in the form that crosses the engine."""
    # `dataclasses.asdict` makes deep copies, which is not possible for an Output.
    parts = {key: getattr(value, key) for key in value.__dataclass_fields__}
    fields = {key: item for key, item in parts.items() if item is not None and key != "name"}
    return {**fields, "app" if isinstance(value, AppEndpoint) else "task": value.name}


def _shallow(value: Any) -> dict[str, Any]:
    """Return the fields of a link. `dataclasses.asdict` makes deep copies, which is not possible for an Output."""
    fields = {name: getattr(value, name) for name in value.__dataclass_fields__}
    plane = fields["control_plane"]
    return {**fields, "control_plane": None if plane is None else asdict(plane)}


_SNAKE = {"publicUrl": "public_url", "authKey": "auth_key", "controlPlane": "control_plane"}
_CAMEL = {snake: camel for camel, snake in _SNAKE.items()}


def _camel(fields: dict[str, Any]) -> dict[str, Any]:
    return {_CAMEL.get(key, key): item for key, item in fields.items() if item is not None}
