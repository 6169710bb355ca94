"""The workloads that call or use another one. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from pulumi_flyte_review.model.names import Names
from pulumi_flyte_review.model.workload import Workload
from pulumi_flyte_review.wiring.edges import wires

Dependents = Mapping[tuple[str, str], tuple[str, ...]]


def dependents_of(workloads: Iterable[Workload], names: Names) -> Dependents:
    """Return who has a link to a workload after the update, by kind and name of the workload."""
    dependents: dict[tuple[str, str], set[str]] = {}
    for workload in workloads:
        for wire in wires(workload, 1):
            callee = (wire.target.kind, names.of(wire.target))
            dependents.setdefault(callee, set()).add(workload.label)
    # The order of the engine's events is another one each time.
    return {callee: tuple(sorted(callers)) for callee, callers in dependents.items()}
