"""The console's picture of the wiring, and the same as a list."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

from flyte_local.console.graph_layout import layout
from flyte_local.console.rendering import View
from flyte_local.console.requests import PageRequest
from flyte_local.console.wiring import Graph, Node, wiring_of

_MOST_DRAWN = 60
_MOST_LISTED = 150
_BOX, _HEIGHT, _ROW, _MARGIN = 220, 50, 70, 18
# The gap between layers grows until the drawing is as wide as the page.
_WIDTH, _LEAST_GAP, _MOST_GAP = 1150, 70, 240
_MOST_FITTING = 4
_PASSIVE = {"calls": "is called by", "starts": "is started by"}
_Point = tuple[int, int]


@dataclass(frozen=True)
class Neighbour:
    """An edge of one workload: the verb, the other workload, and the alias."""

    verb: str
    other: Node
    deployed: bool
    alias: str


@dataclass(frozen=True)
class Box:
    """A workload in the drawing."""

    node: Node
    x: int
    y: int


@dataclass(frozen=True)
class Line:
    """An edge in the drawing, as the data of an SVG path."""

    path: str
    verb: str


@dataclass(frozen=True)
class Drawing:
    """The drawing, in pixels. `deep`: it has too many layers to be readable on a page's width."""

    width: int
    height: int
    layers: int
    deep: bool
    boxes: Sequence[Box]
    lines: Sequence[Line]
    box_width: int = _BOX
    box_height: int = _HEIGHT


@dataclass(frozen=True)
class GraphPage:
    """The content of the page. `wired` are the workloads with edges, `alone` the others. Too many are not drawn."""

    graph: Graph
    wired: Sequence[Node]
    alone: Sequence[Node]
    drawing: Drawing | None


def graph_page(request: PageRequest) -> View:
    """Return the page: the drawing, the edges as a table, and the workloads without edges."""
    scope = request.scope
    graph = wiring_of(request.apps, request.parts.tasks, scope)
    ends = {node for edge in graph.edges for node in (edge.caller, edge.callee)}
    wired, alone = sorted(ends), [node for node in graph.nodes if node not in ends]
    drawing = _drawing(graph, wired) if 0 < len(wired) <= _MOST_DRAWN else None
    content = GraphPage(graph, wired, alone, drawing)
    return View("graph", request.title("graph"), content, scope, "graph")


def neighbours(request: PageRequest, node: Node) -> list[Neighbour]:
    """Return the edges of one workload: its calls and starts, then those of others."""
    graph = wiring_of(request.apps, request.parts.tasks, request.scope)
    active = [
        Neighbour(edge.verb, edge.callee, not graph.absent(edge.callee), edge.alias)
        for edge in graph.edges
        if edge.caller == node
    ]
    # A workload that calls others is always deployed.
    passive = [
        Neighbour(_PASSIVE[edge.verb], edge.caller, True, edge.alias) for edge in graph.edges if edge.callee == node
    ]
    return [*active, *passive][:_MOST_LISTED]


def _drawing(graph: Graph, nodes: Sequence[Node]) -> Drawing:
    names = {node: str(number) for number, node in enumerate(nodes)}
    verbs = {(names[edge.caller], names[edge.callee]): edge.verb for edge in graph.edges}
    edges = sorted(verbs)
    places = layout(list(names.values()), edges)
    pitch = _BOX + _gap(places.layers)
    lines = [
        Line(_path(places.places[a], places.bends.get((a, b), ()), places.places[b], pitch, loop=a == b), verbs[a, b])
        for a, b in edges
    ]
    return Drawing(
        width=(places.layers - 1) * pitch + _BOX + 2 * _MARGIN,
        height=(places.rows - 1) * _ROW + _HEIGHT + 2 * _MARGIN,
        layers=places.layers,
        deep=places.layers > _MOST_FITTING,
        boxes=[Box(node, *_corner(places.places[names[node]], pitch)) for node in nodes],
        lines=lines,
    )


def _gap(layers: int) -> int:
    free = _WIDTH - 2 * _MARGIN - layers * _BOX
    return min(_MOST_GAP, max(_LEAST_GAP, free // max(1, layers - 1)))


def _path(begin: _Point, bends: Sequence[_Point], end: _Point, pitch: int, *, loop: bool) -> str:
    """Return the line from one box to another, through the bends in the layers between."""
    x, y = _corner(begin, pitch)
    if loop:
        return f"M{x + _BOX - 40} {y}c0 -24 40 -24 28 -2"
    middle = _HEIGHT // 2
    back = end[0] <= begin[0]
    stops = [(x + _BOX, y + middle)]
    for bend in bends:
        left, top = _corner(bend, pitch)
        across = [(left, top + middle), (left + _BOX, top + middle)]
        stops += across[::-1] if back else across
    left, top = _corner(end, pitch)
    stops.append((left, top + middle))
    gap = pitch - _BOX
    bow = gap if back else gap // 2
    path = f"M{stops[0][0]} {stops[0][1]}"
    for (ax, ay), (bx, by) in itertools.pairwise(stops):
        path += f"C{ax + bow} {ay} {bx - bow} {by} {bx} {by}"
    return path


def _corner(place: _Point, pitch: int) -> _Point:
    return _MARGIN + place[0] * pitch, _MARGIN + place[1] * _ROW
