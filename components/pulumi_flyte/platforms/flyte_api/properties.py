"""The properties that resources of the Flyte API have in common."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pulumi

from pulumi_flyte import api_shapes
from pulumi_flyte.engine.outputs import lift
from pulumi_flyte.notation.versions import version_of
from pulumi_flyte.settings import Settings
from pulumi_flyte.workload.container import SecretRequest


def secret_property(request: SecretRequest) -> api_shapes.SecretRequest:
    """Return an item of `secrets`."""
    item: api_shapes.SecretRequest = {"key": request.key}
    if request.group is not None:
        item["group"] = request.group
    if request.mount is not None:
        item["mount"] = request.mount
    if request.variable is not None:
        item["envVar"] = request.variable
    return item


def version_over(properties: Mapping[str, Any]) -> str | pulumi.Output[str]:
    """Return the version of a workload: a hash of its properties, as an Output if one of them is an Output."""
    return lift(version_of, {name: value for name, value in properties.items() if value is not None})


def placement(settings: Settings, *, adopt: bool | None = None) -> dict[str, Any]:
    """Return the properties that are not part of a version: the place of the workload, and whether it is taken over."""
    return {
        "project": settings.project,
        "domain": settings.domain,
        "org": settings.org or None,
        "adopt": adopt,
        "instance": settings.instance,
    }
