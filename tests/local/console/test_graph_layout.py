"""The layout of the graph's boxes."""

from __future__ import annotations

import itertools

from flyte_local.console.graph_layout import Edge, layout
from hypothesis import given
from hypothesis import strategies as st

NAMES = [str(number) for number in range(12)]


@st.composite
def graphs(draw: st.DrawFn, *, cycles: bool = True) -> tuple[list[str], list[Edge]]:
    nodes = NAMES[: draw(st.integers(0, len(NAMES)))]
    if not nodes:
        return [], []
    ends = st.integers(0, len(nodes) - 1)
    pairs = draw(st.sets(st.tuples(ends, ends), max_size=30))
    return nodes, sorted((nodes[a], nodes[b]) for a, b in pairs if cycles or a < b)


def test_callers_come_before_what_they_call() -> None:
    drawing = layout(["a", "b", "c"], [("a", "b"), ("b", "c"), ("a", "c")])
    assert [drawing.places[node][0] for node in "abc"] == [0, 1, 2]
    assert len(drawing.bends["a", "c"]) == 1
    assert (drawing.layers, drawing.rows) == (3, 2)


def test_neighbours_are_opposite_each_other() -> None:
    drawing = layout(["a", "b", "x", "y"], [("a", "y"), ("b", "x")])
    assert drawing.places["a"][1] == drawing.places["y"][1]
    assert drawing.places["b"][1] == drawing.places["x"][1]


def test_two_that_call_each_other() -> None:
    drawing = layout(["a", "b"], [("a", "b"), ("b", "a"), ("a", "a")])
    assert drawing.places == {"a": (0, 0), "b": (1, 0)}


@given(graphs())
def test_every_node_has_a_place_of_its_own(graph: tuple[list[str], list[Edge]]) -> None:
    nodes, edges = graph
    drawing = layout(nodes, edges)
    taken = [*drawing.places.values(), *(bend for bends in drawing.bends.values() for bend in bends)]
    assert set(drawing.places) == set(nodes)
    assert len(set(taken)) == len(taken)
    assert all(0 <= layer < drawing.layers and 0 <= row < drawing.rows for layer, row in taken)
    assert layout(nodes, edges) == drawing


@given(graphs(cycles=False))
def test_without_cycles_every_edge_leads_on(graph: tuple[list[str], list[Edge]]) -> None:
    nodes, edges = graph
    drawing = layout(nodes, edges)
    for a, b in edges:
        layers = [drawing.places[a][0], *(layer for layer, _ in drawing.bends[a, b]), drawing.places[b][0]]
        assert layers == list(range(layers[0], layers[-1] + 1))


def test_a_long_chain_and_a_large_circle() -> None:
    names = [str(number) for number in range(3000)]
    chain = list(itertools.pairwise(names))
    assert layout(names, chain).layers == 3000
    assert layout(names, [*chain, (names[-1], names[0])]).rows == 2
