"""The picture of a wiring: nodes and edges before and after in one, and only the part around what changes. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from pulumi_flyte_review.model.names import Names
from pulumi_flyte_review.model.preview import Operation
from pulumi_flyte_review.model.report import Edge, Graph, Node
from pulumi_flyte_review.model.workload import Kind, Stack
from pulumi_flyte_review.wiring.edges import wires

_KINDS: Mapping[str, Kind] = {"app": "app", "task": "task", "secret": "secret"}


def graph_of(stack: Stack, names: Names, operations: Mapping[str, Operation] | None = None) -> Graph:
    """Return the whole wiring of a stack.

    operations: what the update does with each workload, by URN, `same` for one that is not there.
    """
    operations = operations or {}
    nodes = {
        each.label: Node(each.kind, each.name, operations.get(each.step.urn, "same"))
        for each in stack.workloads
        if each.kind in _KINDS
    }
    sides: list[set[tuple[str, str]]] = [set(), set()]
    for side, pairs in enumerate(sides):
        for workload in stack.workloads:
            for wire in wires(workload, side):
                callee = names.label(wire.target)
                pairs.add((workload.label, callee))
                if callee not in nodes and wire.target.kind in _KINDS:  # of another stack
                    nodes[callee] = Node(_KINDS[wire.target.kind], names.of(wire.target), "same")
    before, after = sides
    edges = [Edge(*pair, "same" if pair in before else "add") for pair in after]
    edges += [Edge(*pair, "delete") for pair in before - after]
    ordered = sorted(nodes.items(), key=lambda item: (item[1].kind, item[1].name))
    return Graph(tuple(node for _, node in ordered), tuple(sorted(edges)))


def declared_graph(stack: Stack) -> Graph:
    """Return the wiring of a stack as it is after an update, without what the update does."""
    graph = graph_of(stack, Names(stack.workloads))
    return Graph(graph.nodes, tuple(Edge(each.caller, each.callee) for each in graph.edges if each.edit != "delete"))


@dataclass(frozen=True, slots=True)
class Cut:
    """A part of a graph. nodes, edges: how many of what changes, and of its neighbours, are left out."""

    graph: Graph
    nodes: int = 0
    edges: int = 0


def changed_part(graph: Graph) -> Graph:
    """Return what changes, and its neighbours. It is empty if nothing changes."""
    changed = {node.label for node in graph.nodes if node.operation != "same"}
    edges = tuple(
        edge for edge in graph.edges if edge.edit != "same" or edge.caller in changed or edge.callee in changed
    )
    shown = changed | {end for edge in edges for end in (edge.caller, edge.callee)}
    return Graph(tuple(node for node in graph.nodes if node.label in shown), edges)


def cut(graph: Graph, most_nodes: int, most_edges: int) -> Cut:
    """Return the part of a graph that a reader can take in: what changes comes first, then what has most edges."""
    if len(graph.nodes) <= most_nodes and len(graph.edges) <= most_edges:
        return Cut(graph)
    degrees = Counter(end for edge in graph.edges for end in (edge.caller, edge.callee) if edge.edit != "same")
    ranked = sorted(graph.nodes, key=lambda node: (_rank(node, degrees), node.kind, node.name))
    shown = {node.label for node in ranked[:most_nodes]}
    inside = [edge for edge in graph.edges if edge.caller in shown and edge.callee in shown]
    edges = sorted(inside, key=lambda edge: (edge.edit == "same", edge))[:most_edges]
    part = Graph(_in_order(graph.nodes, shown), tuple(sorted(edges)))
    return Cut(part, len(graph.nodes) - len(part.nodes), len(graph.edges) - len(part.edges))


def _rank(node: Node, degrees: Mapping[str, int]) -> tuple[int, int]:
    danger = {"delete": 0, "replace": 1, "create": 2, "update": 3}.get(node.operation, 4)
    return danger, -degrees.get(node.label, 0)


def _in_order(nodes: Iterable[Node], shown: set[str]) -> tuple[Node, ...]:
    return tuple(node for node in nodes if node.label in shown)
