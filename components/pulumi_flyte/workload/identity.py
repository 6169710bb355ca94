"""The Flyte name of a workload, and the identity that its container is told."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from flyte_runtime import contract

from pulumi_flyte.problems import Problems
from pulumi_flyte.settings import Settings


def flyte_name(
    component_name: str,
    argument: str | None,
    source_name: str | None,
    rule: Callable[[str], str | None],
    problems: Problems,
) -> str:
    """Return the Flyte name. The name in the code takes precedence, and a different `name=` is a problem.

    `rule` returns the fault of a name, or None.
    """
    if source_name and argument and source_name != argument:
        problems.add(
            "name", f"its code has the name {source_name!r}: leave out name=, or change it in the code", argument
        )
    name = source_name or (component_name if argument is None else argument)
    problems.add("name", rule(name), name)
    return name


def identity_of(kind: Literal["app", "task"], name: str, settings: Settings) -> contract.Identity:
    """Return who the container is."""
    return contract.Identity(kind=kind, project=settings.project, domain=settings.domain, name=name, org=settings.org)
