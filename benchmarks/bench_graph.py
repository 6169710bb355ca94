"""Compares the checks of the wiring graph with the standard library's topological sort of the same graph."""

from __future__ import annotations

import graphlib
import random
from collections.abc import Iterator

from pulumi_flyte.naming import names
from pulumi_flyte.wiring.graph import find_cycle

from benchmarks.metric import Pair, metric, seconds

APPS, EDGES = 1_000, 5_000


def _graph() -> dict[str, set[str]]:
    """Return a random acyclic graph. Every edge goes to an app that was declared before."""
    chance = random.Random(7)
    edges: dict[str, set[str]] = {f"app-{number}": set() for number in range(APPS)}
    made = 0
    while made < EDGES:
        later, earlier = sorted(chance.sample(range(APPS), 2), reverse=True)
        if f"app-{earlier}" not in edges[f"app-{later}"]:
            edges[f"app-{later}"].add(f"app-{earlier}")
            made += 1
    return edges


def _check(edges: dict[str, set[str]]) -> None:
    """Make all checks of the graph: for cycles, for illegal names, and for apps with the same service name."""
    target = names.Target("flyte", "shop", base_domain="flyte.example.com")
    assert find_cycle(edges) is None
    assert not [name for name in edges if names.app_name_problem(name)]
    assert len({names.service_name(name, target) for name in edges}) == len(edges)


@metric("graph checks of 1,000 apps, 5,000 edges ÷ graphlib.TopologicalSorter", at_most=5)
def graph(rounds: int) -> Iterator[Pair]:
    edges = _graph()
    for _ in range(rounds):
        yield Pair(
            ours=seconds(lambda: _check(edges)),
            baseline=seconds(lambda: tuple(graphlib.TopologicalSorter(edges).static_order())),
        )
