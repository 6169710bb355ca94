"""A workload of a preview as a `Change`. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from pulumi_flyte_review.model.preview import Operation, Step
from pulumi_flyte_review.model.report import Change
from pulumi_flyte_review.model.workload import Workload
from pulumi_flyte_review.reasons.explanation import Surroundings, reasons_of
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


def change_of(workload: Workload, around: Surroundings) -> Change | None:
    """Return what happens to a workload. Return None if nothing does."""
    changing = tuple(step for step in (workload.step, *workload.resources) if step.operation not in ("same", "read"))
    reasons = reasons_of(workload, around) if changing else ()
    if not changing and not reasons_without_resources(workload):
        return None
    return Change(
        kind=workload.kind,
        name=workload.name,
        urn=workload.step.urn,
        operation=operation_of(workload),
        reasons=reasons,
        restarts=restarts(workload),
        replaced_because=tuple(dict.fromkeys(_replacing(workload))),
        resources=tuple(step.urn for step in changing),
    )


def reasons_without_resources(workload: Workload) -> bool:
    """Return whether something outside has changed that the update does not touch."""
    return any(step.live is not None for step in (workload.step, *workload.resources))


def operation_of(workload: Workload) -> Operation:
    """Return what happens to a workload: what happens to its main resource where the component itself stays."""
    if workload.step.operation not in ("same", "update"):
        return workload.step.operation
    main = [step.operation for step in _main(workload)]
    if "replace" in main or {"create", "delete"} <= set(main):
        return "replace"
    return "update"


def _main(workload: Workload) -> Iterator[Step]:
    yield from (step for step in workload.resources if step.type in _MAIN and step.name == workload.name)


def _replacing(workload: Workload) -> Iterator[str]:
    for step in (workload.step, *_main(workload)):
        if step.operation == "replace":
            yield from (change.path for change in step.properties if change.replaces)
