"""The resources of a stack that belong to no workload. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from pulumi_flyte_review.model.preview import Operation, Step
from pulumi_flyte_review.model.report import Others

# The stack itself, and providers: they are no objects anywhere.
_NO_OBJECTS = ("pulumi:pulumi:Stack", "pulumi:providers:")


def others_of(steps: Iterable[Step]) -> Others:
    """Return counts and names, by operation, of what does not stay as it is."""
    names: dict[Operation, tuple[str, ...]] = {}
    for step in sorted(steps, key=lambda step: (step.operation, step.type, step.name)):
        if step.operation not in ("same", "read") and not step.type.startswith(_NO_OBJECTS):
            names[step.operation] = (*names.get(step.operation, ()), f"{step.type} {step.name}")
    return Others({operation: len(each) for operation, each in names.items()}, names)
