"""Reasons: why a workload changes. Undoing what a reason names takes the change away."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from pulumi_flyte_review.model.preview import Json


@dataclass(frozen=True, slots=True, order=True)
class FileReason:
    """A file of the workload's code. path: as in the bundle, relative to the program's source root."""

    path: str
    edit: Literal["add", "update", "delete"]


@dataclass(frozen=True, slots=True)
class ArgumentReason:
    """An argument of the component. path: such as `scaling.replicas`. None: the argument is not there.

    secret: whether the values are hidden.
    """

    path: str
    old: Json
    new: Json
    secret: bool = False


@dataclass(frozen=True, slots=True, order=True)
class ConfigurationReason:
    """A key of the stack's configuration, such as `shop:replicas`."""

    key: str
    secret: bool = False


@dataclass(frozen=True, slots=True, order=True)
class UpstreamReason:
    """Another workload, secret or environment of the program, whose change reaches this one.

    by: what of it reaches this one: `version`, `endpoint`, `credential` or `settings`.
    """

    kind: str
    name: str
    by: str


@dataclass(frozen=True, slots=True, order=True)
class SecretReason:
    """A secret whose value changes. It names the secret, never a value."""

    name: str


@dataclass(frozen=True, slots=True, order=True)
class PackageReason:
    """A package in the workload's image, the plugin or the runtime library. None: it is not there."""

    name: str
    old: str | None
    new: str | None


@dataclass(frozen=True, slots=True)
class DriftReason:
    """A property that somebody changed outside of Pulumi. path: empty for a resource that somebody deleted."""

    path: str
    old: Json = None
    new: Json = None


@dataclass(frozen=True, slots=True)
class PropertyReason:
    """A property of a resource that no other reason explains. Nothing that changes is left out."""

    resource: str
    path: str
    old: Json
    new: Json


Reason: TypeAlias = (
    FileReason
    | ArgumentReason
    | ConfigurationReason
    | UpstreamReason
    | SecretReason
    | PackageReason
    | DriftReason
    | PropertyReason
)
