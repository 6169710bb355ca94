"""What is to be done with discovered workloads: their order, their secrets, the arguments they are given. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from graphlib import TopologicalSorter
from typing import TYPE_CHECKING, Any, Literal

from pulumi_flyte.problems import Problems, nearest
from pulumi_flyte.wiring.graph import find_cycle

if TYPE_CHECKING:
    from pulumi_flyte.source.description import RequestedSecret
    from pulumi_flyte.source.read_source import ReadSource

# What a discovered workload has from its code.
_FROM_CODE = ("environment", "source", "name", "command", "args", "interface")


@dataclass(frozen=True)
class Workload:
    """An app or a task of existing Flyte code.

    `depends_on` are names of environments, `endpoints` names of apps whose endpoint it asks for, `secrets` what it
    requests.
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
    """The workloads in an order in which each comes after those it waits for; `waits` has their names.

    `cycle` is a path of environments that depend on each other, which leaves no order.
    """

    ordered: Sequence[Workload]
    waits: Mapping[str, Sequence[str]]
    cycle: Sequence[str] | None = None


def plan(workloads: Sequence[Workload]) -> Plan:
    """Orders by `depends_on`, and by endpoints as far as these are no cycle: an endpoint is a name, which Flyte lets
    two apps know of each other."""
    environments = {each.environment: set(each.depends_on) for each in workloads}
    cycle = find_cycle(environments)
    if cycle is not None:
        return Plan((), {}, cycle)
    waits = {each.name: _members(each.depends_on, workloads) for each in workloads}
    apps = {each.name for each in workloads if each.kind == "app"}
    asked = {each.name: {name for name in each.endpoints if name in apps} for each in workloads}
    graph = {name: waits[name] | asked[name] for name in waits}
    for name, wanted in asked.items():
        waits[name] |= {other for other in wanted if name not in _reachable(graph, other)}
    by_name = {each.name: each for each in workloads}
    order = TopologicalSorter({name: sorted(others) for name, others in waits.items()}).static_order()
    return Plan([by_name[name] for name in order], {name: sorted(others) for name, others in waits.items()})


def _members(environments: Iterable[str], workloads: Iterable[Workload]) -> set[str]:
    """The workloads of environments."""
    wanted = set(environments)
    return {each.name for each in workloads if each.environment in wanted}


def _reachable(graph: Mapping[str, Iterable[str]], start: str) -> set[str]:
    found: set[str] = set()
    waiting = [start]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += graph.get(name, ())
    return found


def requested(workloads: Iterable[Workload]) -> list[str]:
    """The keys of all secrets that the code requests, sorted."""
    return sorted({secret.key for each in workloads for secret in each.secrets})


def check_secrets(given: Any, keys: Sequence[str], problems: Problems) -> dict[str, Any]:
    """`secrets={"KEY": …}`: only keys that the code requests."""
    for key in _mapping(given, "secrets", 'a mapping, such as {"API_KEY": config.require_secret("apiKey")}', problems):
        if key not in keys:
            problems.add(f"secrets.{key}", f"no discovered code requests this secret{nearest(key, keys)}")
    return dict(given) if isinstance(given, Mapping) else {}


def check_overrides(given: Any, workloads: Sequence[Workload], problems: Problems) -> dict[str, Mapping[str, Any]]:
    """`overrides={"web": {"scaling": …}}`, by the name of an app, a task, or an environment with tasks."""
    known = {each.name for each in workloads} | {each.environment for each in workloads}
    found = {}
    for name, arguments in _mapping(given, "overrides", 'a mapping, such as {"web": {"port": 8081}}', problems).items():
        path = f"overrides.{name}"
        if name not in known:
            problems.add(path, f"nothing of this name was discovered{nearest(name, known)}")
            continue
        found[name] = _mapping(arguments, path, 'a mapping from argument to value, such as {"port": 8081}', problems)
        for key in found[name]:
            if key in _FROM_CODE:
                problems.add(f"{path}.{key}", "the code says this: change it there")
    return found


def arguments_of(workload: Workload, overrides: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """The workload's own arguments, over those of its environment."""
    return {**overrides.get(workload.environment, {}), **overrides.get(workload.name, {})}


def _mapping(given: Any, path: str, expected: str, problems: Problems) -> Mapping[str, Any]:
    if given is None:
        return {}
    if not isinstance(given, Mapping):
        problems.add(path, expected, given)
        return {}
    for key in given:
        if not isinstance(key, str):
            problems.add(path, "its keys are names", key)
    return {key: value for key, value in given.items() if isinstance(key, str)}
