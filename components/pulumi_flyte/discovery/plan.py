"""The order in which discovered workloads are declared. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from graphlib import TopologicalSorter
from typing import TYPE_CHECKING, Literal

from pulumi_flyte.wiring.graph import find_cycle

if TYPE_CHECKING:
    from pulumi_flyte.source.description import RequestedSecret
    from pulumi_flyte.source.read_source import ReadSource


@dataclass(frozen=True)
class Workload:
    """An app or a task of existing Flyte code.

    `depends_on` are names of environments, `endpoints` names of apps whose endpoint the workload reads, `secrets` what
    it requests.
    """

    name: str
    kind: Literal["app", "task"]
    environment: str
    source: ReadSource
    depends_on: tuple[str, ...] = ()
    endpoints: tuple[str, ...] = ()
    secrets: tuple[RequestedSecret, ...] = ()


@dataclass(frozen=True)
class Plan:
    """The workloads in an order in which each comes after those that it waits for; `waits` has their names.

    `cycle` is a path of environments that depend on each other, which leaves no order.
    """

    ordered: Sequence[Workload]
    waits: Mapping[str, Sequence[str]]
    cycle: Sequence[str] | None = None

    @property
    def secret_keys(self) -> list[str]:
        """The keys of all secrets that the code requests, sorted."""
        return requested_keys(self.ordered)


def requested_keys(workloads: Iterable[Workload]) -> list[str]:
    """Return the keys of all secrets that workloads request, sorted."""
    return sorted({secret.key for each in workloads for secret in each.secrets})


def plan(workloads: Sequence[Workload]) -> Plan:
    """Order workloads by `depends_on`, and by endpoints unless these form a cycle.

    An endpoint follows from a name, so two apps may read each other's endpoints.
    """
    environments = {each.environment: set(each.depends_on) for each in workloads}
    cycle = find_cycle(environments)
    if cycle is not None:
        return Plan((), {}, cycle)
    waits = {each.name: _members(each.depends_on, workloads) for each in workloads}
    apps = {each.name for each in workloads if each.kind == "app"}
    endpoints = {each.name: {name for name in each.endpoints if name in apps} for each in workloads}
    graph = {name: waits[name] | endpoints[name] for name in waits}
    for name, callees in endpoints.items():
        waits[name] |= {callee for callee in callees if name not in _reachable(graph, callee)}
    by_name = {each.name: each for each in workloads}
    order = TopologicalSorter({name: sorted(others) for name, others in waits.items()}).static_order()
    return Plan([by_name[name] for name in order], {name: sorted(others) for name, others in waits.items()})


def _members(environments: Iterable[str], workloads: Iterable[Workload]) -> set[str]:
    """Return the names of the workloads of environments."""
    names = set(environments)
    return {each.name for each in workloads if each.environment in names}


def _reachable(graph: Mapping[str, Iterable[str]], start: str) -> set[str]:
    reached: set[str] = set()
    waiting = [start]
    while waiting:
        name = waiting.pop()
        if name not in reached:
            reached.add(name)
            waiting += graph.get(name, ())
    return reached
