"""Where the boxes of a directed graph go: in layers from left to right, callers before what they call. Pure.

Sugiyama's method in its plain form: edges that close a cycle do not count for the layers; a node's layer is the longest
way to it; an edge over several layers gets a bend in each; a few sweeps put neighbours opposite each other.
"""

from __future__ import annotations

import itertools
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass

Edge = tuple[str, str]
_SWEEPS = 6


@dataclass(frozen=True)
class Layout:
    """`places` are (layer, row) of the nodes; `bends` the same of an edge's points between its ends."""

    places: Mapping[str, tuple[int, int]]
    bends: Mapping[Edge, Sequence[tuple[int, int]]]
    layers: int
    rows: int


def layout(nodes: Sequence[str], edges: Sequence[Edge]) -> Layout:
    """Places every node; `edges` name nodes only, each at most once."""
    forward = [(a, b) for a, b in edges if a != b]
    backward = _closing(nodes, forward)
    flat = [(b, a) if (a, b) in backward else (a, b) for a, b in forward]
    depth = _depths(nodes, flat)
    columns: list[list[Hashable]] = [[] for _ in range(max(depth.values(), default=-1) + 1)]
    for node in nodes:
        columns[depth[node]].append(node)
    links: list[tuple[Hashable, Hashable]] = []
    points: dict[Edge, list[Hashable]] = {}
    for original, (a, b) in zip(forward, flat, strict=True):
        between: list[Hashable] = [(original, level) for level in range(depth[a] + 1, depth[b])]
        for level, point in enumerate(between, depth[a] + 1):
            columns[level].append(point)
        chain: list[Hashable] = [a, *between, b]
        links.extend(itertools.pairwise(chain))
        points[original] = between[::-1] if original in backward else between
    columns = _ordered(columns, links)
    at = {item: (level, row) for level, column in enumerate(columns) for row, item in enumerate(column)}
    return Layout(
        places={node: at[node] for node in nodes},
        bends={edge: [at[point] for point in found] for edge, found in points.items()},
        layers=len(columns),
        rows=max(map(len, columns), default=0),
    )


def _closing(nodes: Sequence[str], edges: Sequence[Edge]) -> set[Edge]:
    """The edges that lead back to a node from which a depth-first walk came."""
    after: dict[str, list[str]] = {node: [] for node in nodes}
    for a, b in edges:
        after[a].append(b)
    found: set[Edge] = set()
    done: set[str] = set()
    for start in nodes:
        way = {start: iter(after[start])} if start not in done else {}
        while way:
            node = next(reversed(way))
            following = next(way[node], None)
            if following is None:
                done.add(node)
                del way[node]
            elif following in way:
                found.add((node, following))
            elif following not in done:
                way[following] = iter(after[following])
    return found


def _depths(nodes: Sequence[str], edges: Sequence[Edge]) -> dict[str, int]:
    """The longest way to each node of a graph without cycles (Kahn's order)."""
    waiting = dict.fromkeys(nodes, 0)
    after: dict[str, list[str]] = {node: [] for node in nodes}
    for a, b in edges:
        after[a].append(b)
        waiting[b] += 1
    depth = dict.fromkeys(nodes, 0)
    ready = [node for node in nodes if waiting[node] == 0]
    while ready:
        node = ready.pop()
        for following in after[node]:
            depth[following] = max(depth[following], depth[node] + 1)
            waiting[following] -= 1
            if waiting[following] == 0:
                ready.append(following)
    return depth


def _ordered(columns: list[list[Hashable]], links: Sequence[tuple[Hashable, Hashable]]) -> list[list[Hashable]]:
    """The columns with their items near those that they are linked to in the column before, then after, and again."""
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
            own = {item: row for row, item in enumerate(columns[level])}
            means = {item: _mean([rows[n] for n in neighbours.get(item, ()) if n in rows], own[item]) for item in own}
            columns[level] = sorted(own, key=lambda item, means=means, own=own: (means[item], own[item]))  # type: ignore[misc]
    return columns


def _mean(rows: Sequence[int], otherwise: int) -> float:
    return sum(rows) / len(rows) if rows else float(otherwise)
