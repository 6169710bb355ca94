"""The namespaces that one run of a program has declared so far, each with its resource if the program makes it."""

from __future__ import annotations

from collections.abc import Mapping

import pulumi
from pulumi.runtime import settings as runtime_settings

from pulumi_flyte.engine.per_run import PerRun

_declared: PerRun[dict[str, pulumi.Resource | None]] = PerRun(dict)


def remember(name: str, resource: pulumi.Resource | None) -> None:
    """Remember a namespace, with its resource. A namespace that others keep has none."""
    _declared.current()[name] = resource


def declared() -> Mapping[str, pulumi.Resource | None]:
    """Return the namespaces that the run has declared so far."""
    return _declared.current()


def seen_by_program() -> Mapping[str, pulumi.Resource | None] | None:
    """Return the same, or None for a component of another language, which is a run of its own in the plugin."""
    return declared() if runtime_settings.get_root_resource() is not None else None
