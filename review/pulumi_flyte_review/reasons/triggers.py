"""Changes of a trigger: its schedule, or the task that it starts. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pulumi_flyte_review.model.paths import value_at
from pulumi_flyte_review.model.reason import ArgumentReason, UpstreamReason
from pulumi_flyte_review.model.workload import Workload

_VERSION = "taskVersion"
# The place and the name of the task. Its environment decides them, as they are no arguments of a trigger.
_OF_TASK = frozenset({"task", "project", "domain", "org"})


def trigger_reasons(trigger: Workload, workloads: Iterable[Workload]) -> Iterator[UpstreamReason | ArgumentReason]:
    """Yield why a trigger changes. Its properties are those that the task's argument `triggers` gives it."""
    if trigger.kind != "trigger":
        return
    task = next((each for each in workloads if each.step.urn == trigger.step.parent), None)
    before, after = trigger.inputs
    for change in trigger.step.properties:
        if task is not None and change.path in _OF_TASK:
            yield UpstreamReason("task", task.name, "endpoint")
        elif task is not None and change.path == _VERSION:
            yield UpstreamReason("task", task.name, "version")
        else:
            yield ArgumentReason(change.path, value_at(before, change.path), value_at(after, change.path))
