"""Resource options of the children of a component."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pulumi

from pulumi_flyte.environment import Environment


def child_options(
    parent: pulumi.ComponentResource,
    given: pulumi.ResourceOptions | None,
    environment: Any,
    waits_for: Sequence[pulumi.Resource] = (),
) -> pulumi.ResourceOptions:
    """The child waits for what its component waits for, and has the caller's time limits.

    The caller's own provider wins over the environment's.
    """
    own = environment.provider if isinstance(environment, Environment) else None
    chosen = given is not None and (given.provider is not None or given.providers)
    return pulumi.ResourceOptions(
        parent=parent,
        provider=None if chosen else own,
        depends_on=[*waits_for, *_listed(given)],
        custom_timeouts=given.custom_timeouts if given else None,
    )


def _listed(given: pulumi.ResourceOptions | None) -> list[Any]:
    waiting = given.depends_on if given else None
    if waiting is None:
        return []
    return list(waiting) if isinstance(waiting, (list, tuple)) else [waiting]
