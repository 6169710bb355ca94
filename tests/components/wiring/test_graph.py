"""Every cycle is found and is a real one; no false alarm."""

from __future__ import annotations

import graphlib
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st
from pulumi_flyte.wiring.graph import describe_cycle, find_cycle

nodes = st.integers(0, 12).map(lambda number: f"n{number}")
graphs = st.dictionaries(nodes, st.sets(nodes, max_size=5), max_size=12)


@given(graphs)
def test_a_cycle_is_found_exactly_where_the_standard_library_finds_one(edges: dict[str, set[str]]) -> None:
    try:
        graphlib.TopologicalSorter(edges).prepare()
        cyclic = False
    except graphlib.CycleError:
        cyclic = True
    assert (find_cycle(edges) is not None) == cyclic


@given(graphs)
def test_a_found_cycle_walks_along_edges_back_to_its_start(edges: dict[str, set[str]]) -> None:
    cycle = find_cycle(edges)
    if cycle is not None:
        assert cycle[0] == cycle[-1]
        assert len(set(cycle)) == len(cycle) - 1
        assert all(after in edges[before] for before, after in pairwise(cycle))


@given(st.permutations(range(10)), st.data())
def test_no_false_alarm_on_what_was_declared_in_order(order: list[int], data: st.DataObject) -> None:
    edges = {f"n{n}": {f"n{m}" for m in order[:i] if data.draw(st.booleans())} for i, n in enumerate(order)}
    assert find_cycle(edges) is None


def test_a_long_chain_does_not_exhaust_the_stack() -> None:
    assert find_cycle({str(n): {str(n + 1)} for n in range(50_000)}) is None


def test_a_workload_that_waits_for_itself_is_a_cycle() -> None:
    assert describe_cycle(find_cycle({"a": {"a"}}) or []) == "a → a"
