"""Properties that somebody changed outside of Pulumi. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from pulumi_flyte.notation.property_paths import value_at

from pulumi_flyte_review.model.preview import Json, Snapshot
from pulumi_flyte_review.model.reason import DriftReason
from pulumi_flyte_review.model.workload import Workload


def drift_reasons(workload: Workload) -> Iterator[DriftReason]:
    """Yield what a refresh saw that differs from the state."""
    for resource in (workload.step, *workload.resources):
        if resource.gone:
            yield DriftReason("")
        for change in resource.drifted:
            yield DriftReason(change.path, _value(resource.before, change.path), _value(resource.live, change.path))


def _value(snapshot: Snapshot | None, path: str) -> Json:
    """Return an input, or an output where the provider computes the property."""
    if snapshot is None:
        return None
    value = value_at(snapshot.inputs, path)
    return value_at(snapshot.outputs, path) if value is None else value
