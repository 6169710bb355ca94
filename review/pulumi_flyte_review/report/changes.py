"""A workload of a preview as a `Change`. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from pulumi_flyte_review.model.preview import Operation, Step
from pulumi_flyte_review.model.report import Change, Loss
from pulumi_flyte_review.model.workload import Workload
from pulumi_flyte_review.reasons.explanation import Surroundings, reasons_of
from pulumi_flyte_review.report.dependents import Dependents
from pulumi_flyte_review.report.restarts import restarts

# The resource that a component is made for. The others come and go with its arguments.
_MAIN = frozenset(
    {
        "flyte:api:App",
        "flyte:api:Task",
        "flyte:api:Secret",
        "flyte:api:Trigger",
        "flyte:local:Server",
        "kubernetes:apps/v1:Deployment",
        "kubernetes:core/v1:Secret",
        "kubernetes:core/v1:Namespace",
    }
)


def change_of(
    workload: Workload, around: Surroundings, dependents: Dependents, *, drift: bool = False
) -> Change | None:
    """Return what happens to a workload. Return None if nothing does.

    drift: whether the change is what somebody did outside of Pulumi, and not that of an update.
    """
    changing = tuple(step for step in (workload.step, *workload.resources) if step.changes)
    if not changing and not is_drifted(workload):
        return None
    operation = _drift_of(workload) if drift else operation_of(workload) if changing else "same"
    return Change(
        kind=workload.kind,
        name=workload.name,
        urn=workload.step.urn,
        operation=operation,
        reasons=reasons_of(workload, around),
        restarts=restarts(workload),
        replaced_because=tuple(dict.fromkeys(_replacing(workload))),
        resources=tuple(sorted(step.urn for step in changing)),
        dependents=dependents.get((workload.kind, workload.name), ()),
        losses=() if operation == "delete" else tuple(sorted(_losses(workload))),
    )


def is_drifted(workload: Workload) -> bool:
    """Return whether somebody changed something of it outside of Pulumi. The update may leave that as it is."""
    return any(step.gone or step.drifted for step in (workload.step, *workload.resources))


def operation_of(workload: Workload) -> Operation:
    """Return what happens to a workload: what happens to its main resource where the component itself stays."""
    if workload.step.operation not in ("same", "update"):
        return workload.step.operation
    main = [step.operation for step in _main(workload)]
    if "replace" in main or {"create", "delete"} <= set(main):
        return "replace"
    return "update"


def _drift_of(workload: Workload) -> Operation:
    """Return what somebody did to a workload outside of Pulumi."""
    return "delete" if any(step.gone for step in _main(workload)) else "update"


def _losses(workload: Workload) -> Iterator[Loss]:
    main = list(_main(workload))
    for step in workload.resources:
        resource = f"{step.type} {step.name}"
        if step.operation == "replace" and step not in main:
            yield Loss(resource, "replace", tuple(change.path for change in step.properties if change.replaces))
        if step.leftover:
            yield Loss(resource, "delete")


def _main(workload: Workload) -> Iterator[Step]:
    yield from (step for step in workload.resources if step.type in _MAIN and step.name == workload.step.name)


def _replacing(workload: Workload) -> Iterator[str]:
    for step in (workload.step, *_main(workload)):
        if step.operation == "replace":
            yield from (change.path for change in step.properties if change.replaces)
