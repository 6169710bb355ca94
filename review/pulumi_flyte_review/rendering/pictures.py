"""A wiring as a picture: Mermaid for Markdown, DOT for Graphviz, and JSON. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pulumi_flyte_review.model.preview import Operation
from pulumi_flyte_review.model.report import Graph
from pulumi_flyte_review.model.workload import Kind
from pulumi_flyte_review.wiring.picture import Cut, changed_part, cut

# A picture in a report. GitHub draws no Mermaid of more than 500 edges, and nobody reads one.
MOST_NODES = 40
MOST_EDGES = 80
_SHAPES: Mapping[Kind, tuple[str, str]] = {"app": ("[", "]"), "task": ("([", "])"), "secret": ("[(", ")]")}
_WORDS: Mapping[Operation, str] = {
    "create": "new",
    "update": "changes",
    "replace": "is replaced",
    "delete": "goes",
    "import": "is imported",
}
_CLASSES: Mapping[str, str] = {
    "create": "fill:#dafbe1,stroke:#1a7f37,color:#1f2328",
    "update": "fill:#fff8c5,stroke:#9a6700,color:#1f2328",
    "replace": "fill:#ffebe9,stroke:#cf222e,color:#1f2328,stroke-width:3px",
    "delete": "fill:#ffebe9,stroke:#cf222e,color:#1f2328,stroke-dasharray:4",
    "import": "fill:#ddf4ff,stroke:#0969da,color:#1f2328",
}
_LINKS: Mapping[str, str] = {"add": "stroke:#1a7f37,stroke-width:2px", "delete": "stroke:#cf222e,stroke-width:2px"}


def changes_picture(graph: Graph, most_nodes: int = MOST_NODES, most_edges: int = MOST_EDGES) -> str:
    """Return what changes and its neighbours as Mermaid. It is empty if the wiring itself stays as it is."""
    if all(edge.edit == "same" for edge in graph.edges):
        return ""
    return mermaid(cut(changed_part(graph), most_nodes, most_edges))


def mermaid(picture: Cut) -> str:
    """Return a picture as Mermaid, without the fence around it."""
    return "\n".join(_mermaid_lines(picture)) + "\n"


def _mermaid_lines(picture: Cut) -> Iterator[str]:
    graph = picture.graph
    ids = _ids(graph)
    yield "flowchart LR"
    for node in graph.nodes:
        opening, closing = _SHAPES.get(node.kind, ("[", "]"))
        text = _escaped(node.name) + (f"<br/>{_WORDS[node.operation]}" if node.operation in _WORDS else "")
        style = f":::{node.operation}" if node.operation in _CLASSES else ""
        yield f'  {ids[node.label]}{opening}"{text}"{closing}{style}'
    for edge in graph.edges:
        arrow = {"add": "-->|new|", "delete": "-.->|gone|"}.get(edge.edit, "-->")
        yield f"  {ids[edge.caller]} {arrow} {ids[edge.callee]}"
    if picture.nodes or picture.edges:
        yield f'  more["{_left_out(picture)}"]'
    for operation in dict.fromkeys(node.operation for node in graph.nodes):
        if operation in _CLASSES:
            yield f"  classDef {operation} {_CLASSES[operation]}"
    for edit, style in _LINKS.items():
        numbers = [str(index) for index, edge in enumerate(graph.edges) if edge.edit == edit]
        if numbers:
            yield f"  linkStyle {','.join(numbers)} {style}"


def _left_out(picture: Cut) -> str:
    parts = [f"{picture.nodes:,} more workloads"] if picture.nodes else []
    parts += [f"{picture.edges:,} more edges"] if picture.edges else []
    return " and ".join(parts)


def _ids(graph: Graph) -> dict[str, str]:
    """Return an id for each node, and for each end of an edge that is not a node."""
    labels = dict.fromkeys(node.label for node in graph.nodes)
    labels |= dict.fromkeys(end for edge in graph.edges for end in (edge.caller, edge.callee))
    return {name: f"n{index}" for index, name in enumerate(labels)}


def _escaped(text: str) -> str:
    """Return text inside the quotes of Mermaid, which knows entities as `#name;`."""
    return text.replace("#", "#35;").replace('"', "#quot;").replace("<", "#lt;").replace(">", "#gt;")


def dot(graph: Graph) -> str:
    """Return a wiring as DOT."""
    return "\n".join(_dot_lines(graph)) + "\n"


_DOT_SHAPES: Mapping[Kind, str] = {"app": "box", "task": "ellipse", "secret": "cylinder"}
_DOT_COLOURS: Mapping[str, str] = {
    "create": "#1a7f37",
    "add": "#1a7f37",
    "update": "#9a6700",
    "replace": "#cf222e",
    "delete": "#cf222e",
    "import": "#0969da",
}


def _dot_lines(graph: Graph) -> Iterator[str]:
    yield "digraph wiring {"
    yield "  rankdir=LR;"
    for node in graph.nodes:
        attributes = {"label": node.name, "shape": _DOT_SHAPES.get(node.kind, "box")}
        yield f"  {_quoted(node.label)} [{_attributes(attributes, node.operation)}];"
    for edge in graph.edges:
        attributes = {"style": "dashed"} if edge.edit == "delete" else {}
        listed = _attributes(attributes, edge.edit)
        yield f"  {_quoted(edge.caller)} -> {_quoted(edge.callee)}{f' [{listed}]' if listed else ''};"
    yield "}"


def _attributes(attributes: Mapping[str, str], change: str) -> str:
    colour = {"color": _DOT_COLOURS[change]} if change in _DOT_COLOURS else {}
    return ", ".join(f"{name}={_quoted(value)}" for name, value in {**attributes, **colour}.items())


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
