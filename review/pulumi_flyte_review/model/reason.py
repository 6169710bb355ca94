"""Reasons: why a workload changes. Undoing what a reason names takes the change away.

They are the entries of `why` in the JSON of a report. The first key of each says which reason it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal, TypeAlias

from pydantic import Field

from pulumi_flyte_review.model.preview import Json


@dataclass(frozen=True, slots=True, order=True)
class FileReason:
    """A file of the workload's code. path: as in the bundle, relative to the program's source root."""

    path: Annotated[str, Field(alias="file")]
    edit: Literal["add", "update", "delete"] = "update"


@dataclass(frozen=True, slots=True)
class ArgumentReason:
    """An argument of the component. path: such as `scaling.replicas`. None: the argument is not there.

    secret: whether the values are hidden.
    """

    path: Annotated[str, Field(alias="argument", description="Such as `scaling.replicas`.")]
    old: Json = None
    new: Json = None
    secret: Annotated[bool, Field(description="Whether the values are hidden.")] = False


@dataclass(frozen=True, slots=True, order=True)
class ConfigurationReason:
    """A key of the stack's configuration, such as `shop:replicas`."""

    key: Annotated[str, Field(alias="config")]
    secret: Annotated[bool, Field(description="Whether its value is hidden.")] = False


@dataclass(frozen=True, slots=True, order=True)
class UpstreamReason:
    """Another workload, secret or environment of the program, whose change reaches this one.

    upstream: its kind and its name. by: what of it reaches this one.
    """

    upstream: Annotated[str, Field(description="Such as `task resize`.")]
    by: Annotated[str, Field(json_schema_extra={"enum": ["version", "endpoint", "credential", "settings"]})] = "version"

    @property
    def kind(self) -> str:
        """The kind of the workload."""
        return self.upstream.partition(" ")[0]

    @property
    def name(self) -> str:
        """The Pulumi name of the workload."""
        return self.upstream.partition(" ")[2]


@dataclass(frozen=True, slots=True, order=True)
class SecretReason:
    """A secret whose value changes. It names the secret, never a value."""

    name: Annotated[str, Field(alias="secret")]


@dataclass(frozen=True, slots=True, order=True)
class PackageReason:
    """A package in the workload's image, the plugin or the runtime library. None: it is not there."""

    name: Annotated[str, Field(alias="package")]
    old: str | None = None
    new: str | None = None


@dataclass(frozen=True, slots=True)
class DriftReason:
    """A property that somebody changed outside of Pulumi. path: empty for a resource that somebody deleted."""

    path: Annotated[str, Field(alias="drift")]
    old: Json = None
    new: Json = None


@dataclass(frozen=True, slots=True)
class PropertyReason:
    """A property of a resource that no other reason explains. Nothing that changes is left out."""

    path: Annotated[str, Field(alias="property")]
    resource: str = ""
    old: Json = None
    new: Json = None


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
