"""Changes of a trigger: its schedule, or the task that it starts. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from pulumi_flyte.notation.property_paths import value_at

from pulumi_flyte_review.model.preview import Json
from pulumi_flyte_review.model.reason import ArgumentReason, UpstreamReason
from pulumi_flyte_review.model.workload import Workload

_VERSION = "taskVersion"
_INPUT = re.compile(r"inputs\[\d+\]")
# The place and the name of the task. Its environment decides them, as they are not arguments of a trigger.
_OF_TASK = frozenset({"task", "project", "domain", "org"})


def trigger_reasons(trigger: Workload, workloads: Iterable[Workload]) -> Iterator[UpstreamReason | ArgumentReason]:
    """Yield why a trigger changes. Its properties are those that the task's argument `triggers` gives it."""
    if trigger.kind != "trigger":
        return
    task = next((each for each in workloads if each.step.urn == trigger.step.parent), None)
    before, after = trigger.inputs
    for change in trigger.step.properties:
        if task is not None and change.path in _OF_TASK:
            yield UpstreamReason(f"task {task.name}", "endpoint")
        elif task is not None and change.path == _VERSION:
            yield UpstreamReason(f"task {task.name}", "version")
        else:
            old, new = value_at(before, change.path), value_at(after, change.path)
            yield ArgumentReason(_path(change.path, before, after), old, new)


def _path(path: str, before: Json, after: Json) -> str:
    """Return the name of what differs. An input is an item of a list for the platform, and has a name for people."""
    item = _INPUT.match(path)
    names = (value_at(side, f"{item[0]}.name") for side in (after, before)) if item else ()
    return next((f"inputs.{name}" for name in names if isinstance(name, str)), path)
