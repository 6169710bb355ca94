"""Changes of a trigger: its schedule, or the task that it starts. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pulumi_flyte_review.model.reason import ArgumentReason, UpstreamReason
from pulumi_flyte_review.model.workload import Workload
from pulumi_flyte_review.reasons.differences import value_at

_VERSION = "taskVersion"


def trigger_reasons(trigger: Workload, workloads: Iterable[Workload]) -> Iterator[UpstreamReason | ArgumentReason]:
    """Yield why a trigger changes. Its properties are those that the task's argument `triggers` gives it."""
    if trigger.kind != "trigger":
        return
    task = next((each for each in workloads if each.step.urn == trigger.step.parent), None)
    before, after = trigger.inputs
    for change in trigger.step.properties:
        if change.path == _VERSION and task is not None:
            yield UpstreamReason("task", task.name, "version")
        else:
            yield ArgumentReason(change.path, value_at(before, change.path), value_at(after, change.path))
