"""The picture of a wiring: what changes and its neighbours, and never more than a reader can take in."""

from __future__ import annotations

from itertools import pairwise

from pulumi_flyte_review.model.names import Names
from pulumi_flyte_review.model.preview import Json
from pulumi_flyte_review.model.report import Edge, Graph, Node
from pulumi_flyte_review.model.workload import stack_of
from pulumi_flyte_review.wiring.picture import changed_part, cut, graph_of

from tests.review.report.previews import PLACE, component, preview

ENVIRONMENT: dict[str, Json] = {"platform": "local", **PLACE}


def inputs(**entries: Json) -> dict[str, Json]:
    return {"environment": ENVIRONMENT, "inputs": entries}


def test_both_sides_are_in_one_graph() -> None:
    """The frontend calls the stock instead of the shop, which goes; it starts a task of another stack by name."""
    stock = component("App", "stock", before=inputs(), after=inputs())
    shop = component("App", "shop", operation="delete", before=inputs())
    page = component(
        "App",
        "page",
        operation="update",
        before=inputs(x={"kind": "app", "name": "shop", **PLACE}, text="plain"),
        after=inputs(x={"to": {"kind": "app", "name": "stock", **PLACE}, "timeout": 3}, t={"task": "resize"}),
    )
    shown = stack_of(preview(stock, shop, page))
    graph = graph_of(shown, Names(shown.workloads), {shop.urn: "delete", page.urn: "update"})
    assert graph == Graph(
        (
            Node("app", "page", "update"),
            Node("app", "shop", "delete"),
            Node("app", "stock", "same"),
            Node("task", "resize", "same"),
        ),
        (
            Edge("app page", "app shop", "delete"),
            Edge("app page", "app stock", "add"),
            Edge("app page", "task resize", "add"),
        ),
    )


def chain(count: int, changed: int) -> Graph:
    nodes = tuple(Node("app", f"a{index:04}", "update" if index < changed else "same") for index in range(count))
    return Graph(nodes, tuple(Edge(one.label, other.label) for one, other in pairwise(nodes)))


def test_only_what_changes_and_its_neighbours_are_shown() -> None:
    part = changed_part(chain(1000, 2))
    assert [node.name for node in part.nodes] == ["a0000", "a0001", "a0002"]
    assert len(part.edges) == 2
    assert changed_part(chain(10, 0)) == Graph()


def test_a_picture_of_a_thousand_apps_is_cut_with_counts() -> None:
    part = changed_part(chain(1000, 1000))
    picture = cut(part, 40, 80)
    assert len(picture.graph.nodes) == 40
    assert picture.nodes == 960
    assert picture.edges == len(part.edges) - len(picture.graph.edges)


def test_what_goes_is_never_cut_before_what_changes() -> None:
    nodes = (*chain(100, 100).nodes, Node("app", "z", "delete"))
    assert Node("app", "z", "delete") in cut(Graph(nodes), 5, 5).graph.nodes
