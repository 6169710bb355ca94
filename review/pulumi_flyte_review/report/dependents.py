"""The workloads that call or use another one. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from pulumi_flyte_review.model.names import Names, Target
from pulumi_flyte_review.model.preview import Json
from pulumi_flyte_review.model.workload import Workload
from pulumi_flyte_review.reasons.wiring import REFERENCES, link_of

Dependents = Mapping[tuple[str, str], tuple[str, ...]]


def dependents_of(workloads: Iterable[Workload], names: Names) -> Dependents:
    """Return who has a link to a workload after the update, by kind and name of the workload."""
    dependents: dict[tuple[str, str], tuple[str, ...]] = {}
    for workload in sorted(workloads, key=lambda each: (each.kind, each.name)):
        caller = f"{workload.kind} {workload.name}"
        for target in dict.fromkeys(_targets(workload.inputs[1])):
            callee = (target.kind, names.of(target))
            dependents[callee] = (*dependents.get(callee, ()), caller)
    # The order of the engine's events is another one each time.
    return {callee: tuple(sorted(callers)) for callee, callers in dependents.items()}


def _targets(inputs: Mapping[str, Json]) -> Iterator[Target]:
    for argument in REFERENCES:
        entries = inputs.get(argument)
        for entry in entries.values() if isinstance(entries, Mapping) else ():
            target = Target.of(link_of(entry))
            if target is not None:
                yield target
