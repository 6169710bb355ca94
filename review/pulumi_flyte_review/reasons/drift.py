"""Properties that somebody changed outside of Pulumi. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from pulumi_flyte_review.model.reason import DriftReason
from pulumi_flyte_review.model.workload import Workload
from pulumi_flyte_review.reasons.differences import differences


def drift_reasons(workload: Workload) -> Iterator[DriftReason]:
    """Yield what a refresh saw that differs from the state."""
    for resource in (workload.step, *workload.resources):
        if resource.live is not None and resource.before is not None:
            for path, _, _ in differences(resource.before.outputs, resource.live.outputs):
                yield DriftReason(".".join(path))
