"""The console's picture of what is wired to what, and the same as a list."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from flyte_local.console.graph_layout import layout
from flyte_local.console.wiring import Graph, Node
from flyte_local.web.html import Html, address, join, link, section, table, tag
from flyte_local.web.paths import Scope

_MOST_DRAWN = 60
_MOST_LISTED = 150
_BOX, _HEIGHT, _GAP, _ROW, _MARGIN = 170, 44, 90, 64, 16
_LETTERS = 22
_PASSIVE = {"calls": "is called by", "starts": "is started by"}

_ARROWS = tag(
    "defs",
    join(
        Html(
            f'<marker id="{verb}" class="{verb}" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="{size}" '
            f'markerHeight="{size}" orient="auto-start-reverse"><path d="M0 0 10 5 0 10z"/></marker>'
        )
        # Markers grow with the width of their line.
        for verb, size in (("calls", 7), ("starts", 4.5))
    ),
)
_LEGEND = tag(
    "p",
    join(
        tag(
            "span",
            join(
                (
                    Html(f'<svg viewBox="0 0 34 10" width="34" height="10"><path class="{verb}" d="M0 5h34"/></svg>'),
                    text,
                )
            ),
        )
        for verb, text in (("calls", " calls an app over HTTP"), ("starts", " starts a task"))
    ),
    class_="legend",
)


def graph_page(graph: Graph, scope: Scope) -> Html:
    """The picture, the edges as a table, and what has none."""
    wired = sorted({node for edge in graph.edges for node in (edge.caller, edge.callee)})
    alone = [node for node in graph.nodes if node not in set(wired)]
    rows = [
        (_link(graph, e.caller, scope), e.verb, _link(graph, e.callee, scope), e.alias)
        for e in graph.edges[:_MOST_LISTED]
    ]
    rest = len(graph.edges) - len(rows)
    parts = [
        _drawing(graph, wired, scope) if wired else Html(),
        section("Edges", table(("Caller", "How", "What", "As"), rows, "Nothing is wired to anything.", "Edges")),
        tag("p", f"{rest} more edges are not shown: look at one project.", class_="quiet") if rest else Html(),
    ]
    if alone:
        items = join(tag("li", _link(graph, node, scope)) for node in alone[:_MOST_LISTED])
        parts.append(section("Not wired", tag("ul", items)))
    return join(parts)


def neighbours(graph: Graph, node: Node, scope: Scope) -> Html:
    """The edges of one workload; nothing where it has none."""
    rows = [
        *((e.verb, _link(graph, e.callee, scope), e.alias) for e in graph.edges if e.caller == node),
        *((_PASSIVE[e.verb], _link(graph, e.caller, scope), e.alias) for e in graph.edges if e.callee == node),
    ]  # fmt: skip
    if not rows:
        return Html()
    body = table(("How", "What", "As"), rows[:_MOST_LISTED], label="Wiring")
    return section("Wiring", body, link(f"{scope.path}/graph", "Graph"))


def _link(graph: Graph, node: Node, scope: Scope) -> Html:
    name = (
        node.name
        if scope.holds(node.project, node.domain) and scope.project
        else f"{node.project}/{node.domain}/{node.name}"
    )
    if graph.absent(node):
        return join((tag("span", name), tag("span", f" ({node.kind}, not deployed)", class_="quiet")))
    return join((link(node.path, name), tag("span", f" ({node.kind})", class_="quiet")))


def _drawing(graph: Graph, nodes: Sequence[Node], scope: Scope) -> Html:
    if len(nodes) > _MOST_DRAWN:
        return tag("p", f"{len(nodes)} workloads are too many to draw; this is the list.", class_="quiet")
    names = {node: str(number) for number, node in enumerate(nodes)}
    verbs = {(names[e.caller], names[e.callee]): e.verb for e in graph.edges}
    edges = sorted(verbs)
    found = layout(list(names.values()), edges)
    width = found.layers * (_BOX + _GAP) - _GAP + 2 * _MARGIN
    height = found.rows * _ROW + 2 * _MARGIN
    lines = join(
        _line(found.places[a], found.bends.get((a, b), ()), found.places[b], a == b, verbs[a, b]) for a, b in edges
    )
    boxes = join(_node(graph, node, found.places[names[node]], scope) for node in nodes)
    said = f"{len(nodes)} apps and tasks and {len(graph.edges)} edges; the table below says the same"
    # A group rather than an image: the boxes are links.
    picture = tag("svg", join((_ARROWS, lines, boxes)), viewBox=f"0 0 {width} {height}", width=width, height=height,
                  role="group", aria_label=said)  # fmt: skip
    drawing = tag("div", picture, class_="graph", role="region", tabindex="0", aria_label="Drawing of the wiring")
    hint = tag("p", "The drawing is wider than this screen: scroll it sideways.", class_="quiet sideways")
    return join((_LEGEND, hint if found.layers > 1 else "", drawing))


def _node(graph: Graph, node: Node, place: tuple[int, int], scope: Scope) -> Html:
    x, y = _corner(place)
    absent = graph.absent(node)
    state = "not deployed" if absent else graph.nodes[node]
    where = "" if scope.project and scope.holds(node.project, node.domain) else f" in {node.project} / {node.domain}"
    short = node.name if len(node.name) <= _LETTERS else f"{node.name[: _LETTERS - 1]}…"
    inside = join(
        (
            tag("title", f"{node.kind} {node.name}{where}{', ' if state else ''}{state}"),
            tag("rect", x=x, y=y, width=_BOX, height=_HEIGHT, rx=8 if node.kind == "app" else 22),
            tag("text", short, x=x + 14, y=y + 19),
            tag("text", f"{node.kind}{', ' if state else ''}{state}", x=x + 14, y=y + 35, class_="sub"),
        )
    )
    classes = f"{node.kind}{' absent' if absent else ''}"
    return tag("g", inside, class_=classes) if absent else tag("a", inside, href=address(node.path), class_=classes)


def _line(
    begin: tuple[int, int], bends: Sequence[tuple[int, int]], end: tuple[int, int], loop: bool, verb: str
) -> Html:
    x, y = _corner(begin)
    if loop:
        right, top = x + _BOX, y
        path = f"M{right - 40} {top}c0 -24 40 -24 28 -2"
        return _arrow(path, verb)
    middle = _HEIGHT // 2
    stops = [(x + _BOX, y + middle)]
    back = end[0] <= begin[0]
    for bend in bends:
        left, top = _corner(bend)
        across = (
            ((left + _BOX, top + middle), (left, top + middle))
            if back
            else ((left, top + middle), (left + _BOX, top + middle))
        )
        stops += across
    left, top = _corner(end)
    stops.append((left, top + middle))
    path = f"M{stops[0][0]} {stops[0][1]}"
    for (ax, ay), (bx, by) in itertools.pairwise(stops):
        bow = _GAP // 2 if not back else _GAP
        path += f"C{ax + bow} {ay} {bx - bow} {by} {bx} {by}"
    return _arrow(path, verb)


def _arrow(path: str, verb: str) -> Html:
    """A line that ends in an arrow; how it is drawn says whether it is a call or a start."""
    return tag("path", d=path, class_=verb, marker_end=f"url(#{verb})")


def _corner(place: tuple[int, int]) -> tuple[int, int]:
    return _MARGIN + place[0] * (_BOX + _GAP), _MARGIN + place[1] * _ROW
