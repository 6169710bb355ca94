"""The resources of a stack that belong to no workload. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from pulumi_flyte.naming.urns import STACK

from pulumi_flyte_review.model.preview import Operation, Step

# The stack itself and providers, which are not objects on a platform.
_NO_OBJECTS = (STACK, "pulumi:providers:")


def others_of(steps: Iterable[Step], *, drift: bool = False) -> Mapping[Operation, tuple[str, ...]]:
    """Return the names, by operation, of what does not stay as it is.

    drift: whether the steps are those of a refresh only. The operation is what somebody did outside of Pulumi then.
    """
    names: dict[Operation, list[str]] = {}
    for step in sorted(steps, key=lambda step: (step.type, step.name)):
        operation = _drift_of(step) if drift else step.operation
        if step.type.startswith(_NO_OBJECTS):
            continue
        if operation not in ("same", "read"):
            names.setdefault(operation, []).append(f"{step.type} {step.name}")
        if step.leftover:
            names.setdefault("delete", []).append(f"{step.type} {step.name} (an earlier update left it)")
    return {operation: tuple(each) for operation, each in sorted(names.items())}


def _drift_of(step: Step) -> Operation:
    return "delete" if step.gone else "update" if step.drifted else "same"
