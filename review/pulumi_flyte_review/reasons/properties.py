"""Properties of resources that no other reason explains. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from pulumi_flyte.notation.property_paths import value_at

from pulumi_flyte_review.model.preview import Json, Step
from pulumi_flyte_review.model.reason import PropertyReason
from pulumi_flyte_review.model.workload import Workload


def property_reasons(workload: Workload) -> Iterator[PropertyReason]:
    """Yield every property of the workload's resources that differs, and the resources that come or go."""
    for resource in (workload.step, *workload.resources):
        name = f"{resource.type} {resource.name}"
        for change in resource.properties:
            old, new = _value(resource, change.path)
            yield PropertyReason(change.path, name, old, new)
        if not resource.properties and resource.operation not in ("same", "update"):
            yield PropertyReason("", name, None, resource.operation)


def _value(resource: Step, path: str) -> tuple[Json, Json]:
    before, after = resource.before, resource.after
    return (
        None if before is None else value_at(before.inputs, path),
        None if after is None else value_at(after.inputs, path),
    )
