"""The edges of a stack: what each workload has in its `inputs` and `secrets`, before and after. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pulumi_flyte_review.model.names import Target
from pulumi_flyte_review.model.preview import Json
from pulumi_flyte_review.model.workload import Workload

_CALLERS = ("app", "task")


@dataclass(frozen=True, slots=True)
class Wire:
    """An edge from a workload to another one. alias: the key in `inputs` or `secrets`."""

    caller: Workload
    alias: str
    target: Target


def wires(workload: Workload, side: int) -> Iterator[Wire]:
    """Yield the edges of a workload. side: 0 before the update, 1 after it."""
    if workload.kind not in _CALLERS:
        return
    inputs = workload.inputs[side]
    for argument in ("inputs", "secrets"):
        for alias, entry in sorted(_mapping(inputs.get(argument)).items()):
            target = target_of(entry, place_of(workload, side))
            if target is not None:
                yield Wire(workload, alias, target)


def place_of(workload: Workload, side: int) -> tuple[str, str]:
    """Return the project and the domain of a workload."""
    environment = _mapping(workload.inputs[side].get("environment"))
    return str(environment.get("project", "")), str(environment.get("domain", "development"))


def target_of(entry: Json, place: tuple[str, str]) -> Target | None:
    """Return what an entry leads to, or None for a plain value. place: the consumer's project and domain."""
    if not isinstance(entry, Mapping):
        return None
    if "to" in entry:
        return target_of(entry["to"], place)
    for kind in ("app", "task"):
        if kind in entry:  # a reference by name
            project, domain = (str(entry.get(key) or default) for key, default in zip(_PLACE, place, strict=True))
            return Target(kind, project, domain, str(entry[kind]))
    return Target.of(entry)


_PLACE = ("project", "domain")


def _mapping(value: Json) -> Mapping[str, Json]:
    return value if isinstance(value, Mapping) else {}
