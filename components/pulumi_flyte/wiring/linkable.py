"""`Linkable`: a component that others may refer to."""

from __future__ import annotations

from typing import Protocol, TypeGuard, runtime_checkable

import pulumi

from pulumi_flyte.links import AppLink, SecretLink, TaskLink
from pulumi_flyte.wiring.edge import CallerKey


@runtime_checkable
class Linkable(Protocol):
    """A component that others may refer to."""

    @property
    def link_value(self) -> AppLink | TaskLink | SecretLink:
        """The reference as a value."""

    @property
    def resource(self) -> pulumi.Resource:
        """The resource that a dependent waits for."""


def is_linkable(value: object) -> TypeGuard[Linkable]:
    """Return whether it is one of our components. The protocol alone would not do: an Output has every attribute."""
    return isinstance(value, pulumi.ComponentResource) and isinstance(value, Linkable)


def caller_key_of(component: Linkable) -> CallerKey | None:
    """Return the key of an app that requires credentials, and None for every other component."""
    key = getattr(component, "caller_key", None)
    return key if isinstance(key, CallerKey) else None
