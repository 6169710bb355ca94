"""The console's picture of the wiring, and the same as a list."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

from flyte_local.console.graph_layout import layout
from flyte_local.console.rendering import View
from flyte_local.console.requests import PageRequest
from flyte_local.console.wiring import Graph, Node, wiring_of
from flyte_local.web.paths import Scope

_MOST_DRAWN = 60
_MOST_LISTED = 150
_BOX, _HEIGHT, _GAP, _ROW, _MARGIN = 170, 44, 90, 64, 16
_LETTERS = 22
_PASSIVE = {"calls": "is called by", "starts": "is started by"}
_Point = tuple[int, int]


@dataclass(frozen=True)
class NodeView:
    """A workload in a list. `path` is '' if it is not deployed."""

    label: str
    kind: str
    path: str


@dataclass(frozen=True)
class Neighbour:
    """An edge of one workload: the verb, the other workload, and the alias."""

    verb: str
    other: NodeView
    alias: str


@dataclass(frozen=True)
class EdgeView:
    """An edge in the list."""

    caller: NodeView
    verb: str
    callee: NodeView
    alias: str


@dataclass(frozen=True)
class Box:
    """A workload in the drawing."""

    x: int
    y: int
    title: str
    label: str
    state: str
    kind: str
    path: str


@dataclass(frozen=True)
class Line:
    """An edge in the drawing, as the data of an SVG path."""

    path: str
    verb: str


@dataclass(frozen=True)
class Drawing:
    """The drawing, in pixels."""

    width: int
    height: int
    layers: int
    boxes: Sequence[Box]
    lines: Sequence[Line]
    box_width: int = _BOX
    box_height: int = _HEIGHT


@dataclass(frozen=True)
class GraphPage:
    """The content of the page. `too_many` is the number of workloads that are too many to draw, or 0."""

    drawing: Drawing | None
    too_many: int
    edges: Sequence[EdgeView]
    edge_count: int
    more_edges: int
    alone: Sequence[NodeView]


def graph_page(request: PageRequest) -> View:
    """Return the page: the drawing, the edges as a table, and the workloads without edges."""
    scope = request.scope
    graph = wiring_of(request.apps, request.backend.tasks, scope)
    wired = sorted({node for edge in graph.edges for node in (edge.caller, edge.callee)})
    edges = [
        EdgeView(_node(graph, edge.caller, scope), edge.verb, _node(graph, edge.callee, scope), edge.alias)
        for edge in graph.edges[:_MOST_LISTED]
    ]
    alone = [node for node in graph.nodes if node not in set(wired)]
    content = GraphPage(
        drawing=_drawing(graph, wired, scope) if 0 < len(wired) <= _MOST_DRAWN else None,
        too_many=len(wired) if len(wired) > _MOST_DRAWN else 0,
        edges=edges,
        edge_count=len(graph.edges),
        more_edges=len(graph.edges) - len(edges),
        alone=[_node(graph, node, scope) for node in alone[:_MOST_LISTED]],
    )
    return View("graph", request.title("graph"), content, scope, "graph")


def neighbours(graph: Graph, node: Node, scope: Scope) -> list[Neighbour]:
    """Return the edges of one workload: its calls and starts, then those of others."""
    active = [
        Neighbour(edge.verb, _node(graph, edge.callee, scope), edge.alias)
        for edge in graph.edges
        if edge.caller == node
    ]
    passive = [
        Neighbour(_PASSIVE[edge.verb], _node(graph, edge.caller, scope), edge.alias)
        for edge in graph.edges
        if edge.callee == node
    ]
    return [*active, *passive][:_MOST_LISTED]


def _node(graph: Graph, node: Node, scope: Scope) -> NodeView:
    near = scope.project and scope.holds(node.project, node.domain)
    label = node.name if near else f"{node.project}/{node.domain}/{node.name}"
    return NodeView(label, node.kind, "" if graph.absent(node) else node.path)


def _drawing(graph: Graph, nodes: Sequence[Node], scope: Scope) -> Drawing:
    names = {node: str(number) for number, node in enumerate(nodes)}
    verbs = {(names[edge.caller], names[edge.callee]): edge.verb for edge in graph.edges}
    edges = sorted(verbs)
    places = layout(list(names.values()), edges)
    lines = [
        Line(_path(places.places[a], places.bends.get((a, b), ()), places.places[b], loop=a == b), verbs[a, b])
        for a, b in edges
    ]
    return Drawing(
        width=places.layers * (_BOX + _GAP) - _GAP + 2 * _MARGIN,
        height=places.rows * _ROW + 2 * _MARGIN,
        layers=places.layers,
        boxes=[_box(graph, node, places.places[names[node]], scope) for node in nodes],
        lines=lines,
    )


def _box(graph: Graph, node: Node, place: _Point, scope: Scope) -> Box:
    x, y = _corner(place)
    state = "not deployed" if graph.absent(node) else graph.nodes[node]
    near = scope.project and scope.holds(node.project, node.domain)
    where = "" if near else f" in {node.project} / {node.domain}"
    suffix = f", {state}" if state else ""
    return Box(
        x=x,
        y=y,
        title=f"{node.kind} {node.name}{where}{suffix}",
        label=node.name if len(node.name) <= _LETTERS else f"{node.name[: _LETTERS - 1]}…",
        state=f"{node.kind}{suffix}",
        kind=node.kind,
        path="" if graph.absent(node) else node.path,
    )


def _path(begin: _Point, bends: Sequence[_Point], end: _Point, *, loop: bool) -> str:
    """Return the line from one box to another, through the bends in the layers between."""
    x, y = _corner(begin)
    if loop:
        return f"M{x + _BOX - 40} {y}c0 -24 40 -24 28 -2"
    middle = _HEIGHT // 2
    back = end[0] <= begin[0]
    stops = [(x + _BOX, y + middle)]
    for bend in bends:
        left, top = _corner(bend)
        across = [(left, top + middle), (left + _BOX, top + middle)]
        stops += across[::-1] if back else across
    left, top = _corner(end)
    stops.append((left, top + middle))
    bow = _GAP if back else _GAP // 2
    path = f"M{stops[0][0]} {stops[0][1]}"
    for (ax, ay), (bx, by) in itertools.pairwise(stops):
        path += f"C{ax + bow} {ay} {bx - bow} {by} {bx} {by}"
    return path


def _corner(place: _Point) -> _Point:
    return _MARGIN + place[0] * (_BOX + _GAP), _MARGIN + place[1] * _ROW
