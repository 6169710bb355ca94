"""Places the boxes of a directed graph in layers from left to right, callers first. Pure.

It is Sugiyama's method in a simple form. Edges that close a cycle do not count for the layers. The layer of a node is
the longest way to it. An edge over several layers gets a bend in each. A few sweeps put neighbours opposite each other.
"""

from __future__ import annotations

import itertools
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter

Edge = tuple[str, str]
_SWEEPS = 6


@dataclass(frozen=True)
class Layout:
    """The layer and row of each node (`places`), and of the points of each edge between its ends (`bends`)."""

    places: Mapping[str, tuple[int, int]]
    bends: Mapping[Edge, Sequence[tuple[int, int]]]
    layers: int
    rows: int


def layout(nodes: Sequence[str], edges: Sequence[Edge]) -> Layout:
    """Return places for every node and edge. `edges` name nodes only, each at most once."""
    depth = _depths(nodes, [edge for edge in edges if edge[0] != edge[1]])
    columns: list[list[Hashable]] = [[] for _ in range(max(depth.values(), default=-1) + 1)]
    for node in nodes:
        columns[depth[node]].append(node)
    links: list[tuple[Hashable, Hashable]] = []
    points: dict[Edge, list[Hashable]] = {}
    for edge in edges:
        left, right = sorted(edge, key=depth.__getitem__)
        between: list[Hashable] = [(edge, level) for level in range(depth[left] + 1, depth[right])]
        for level, point in enumerate(between, depth[left] + 1):
            columns[level].append(point)
        chain: list[Hashable] = [left, *between, right]
        links.extend(itertools.pairwise(chain))
        points[edge] = between if left == edge[0] else between[::-1]
    columns = _ordered(columns, links)
    at = {item: (level, row) for level, column in enumerate(columns) for row, item in enumerate(column)}
    return Layout(
        places={node: at[node] for node in nodes},
        bends={
            edge: [at[point] for point in edge_points] for edge, edge_points in points.items() if edge[0] != edge[1]
        },
        layers=len(columns),
        rows=max(map(len, columns), default=0),
    )


def _depths(nodes: Sequence[str], edges: Sequence[Edge]) -> dict[str, int]:
    """Return the longest way to each node, without the edges that close a cycle."""
    position = {node: number for number, node in enumerate(nodes)}
    remaining = dict.fromkeys(edges)
    while True:
        callers: dict[str, list[str]] = {node: [] for node in nodes}
        for caller, callee in remaining:
            callers[callee].append(caller)
        try:
            depth: dict[str, int] = {}
            for node in TopologicalSorter(callers).static_order():
                depth[node] = max((depth[caller] + 1 for caller in callers[node]), default=0)
            return depth
        except CycleError as error:
            cycle: list[str] = error.args[1]
            # The edge that leads back from the last node of the list.
            del remaining[max(itertools.pairwise(cycle), key=lambda edge: position[edge[0]])]


def _ordered(columns: list[list[Hashable]], links: Sequence[tuple[Hashable, Hashable]]) -> list[list[Hashable]]:
    """Return the columns with their items near the items that they are linked to, by sweeps forth and back."""
    before: dict[Hashable, list[Hashable]] = {}
    after: dict[Hashable, list[Hashable]] = {}
    for a, b in links:
        after.setdefault(a, []).append(b)
        before.setdefault(b, []).append(a)
    for sweep in range(_SWEEPS):
        neighbours = before if sweep % 2 == 0 else after
        order = range(1, len(columns)) if sweep % 2 == 0 else range(len(columns) - 2, -1, -1)
        for level in order:
            fixed = columns[level - 1 if sweep % 2 == 0 else level + 1]
            rows = {item: row for row, item in enumerate(fixed)}
            current = {item: row for row, item in enumerate(columns[level])}
            ranks = {
                item: (_mean([rows[n] for n in neighbours.get(item, ()) if n in rows], current[item]), current[item])
                for item in current
            }
            columns[level] = sorted(current, key=ranks.__getitem__)
    return columns


def _mean(rows: Sequence[int], otherwise: int) -> float:
    return sum(rows) / len(rows) if rows else float(otherwise)
