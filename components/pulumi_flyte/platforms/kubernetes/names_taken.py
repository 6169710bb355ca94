"""The names in clusters that the components of one run of a program have taken.

Two components that ask for one name would both write its objects, and only an `up` would notice, half-way.
"""

from __future__ import annotations

from typing import NamedTuple

import pulumi

from pulumi_flyte.engine.per_run import PerRun
from pulumi_flyte.errors import ArgumentsError
from pulumi_flyte.problems import Problem


class Name(NamedTuple):
    """A name in the cluster of a provider: of an app in its namespace, or of the namespace itself."""

    provider: pulumi.ProviderResource | None
    namespace: str
    app: str | None = None


_taken: PerRun[dict[Name, str]] = PerRun(dict)


def take_app_name(name: Name, component: str) -> None:
    """Take the name of an app for the component of this Pulumi name, or raise ArgumentsError."""
    earlier = _holder(name, component)
    if earlier is not None:
        reason = (
            f"the App {earlier!r} has this name in the namespace {name.namespace!r} already: pass another name=, or"
            " put one of the two into an Environment of another namespace"
        )
        raise ArgumentsError("App", component, [Problem("name", reason, name.app)])


def take_namespace(name: Name, component: str) -> None:
    """Take a namespace for the Environment of this Pulumi name, which makes it, or raise ArgumentsError."""
    earlier = _holder(name, component)
    if earlier is not None:
        reason = (
            f"the Environment {earlier!r} makes this namespace already: use that one, choose another namespace=, or"
            ' pass cluster={"create_namespace": False} to share it'
        )
        raise ArgumentsError("Environment", component, [Problem("namespace", reason, name.namespace)])


def _holder(name: Name, component: str) -> str | None:
    """Return the component that has a name already. Where none has it, it is the given component's from now on."""
    names = _taken.current()
    if name in names:
        return names[name]
    names[name] = component
    return None
