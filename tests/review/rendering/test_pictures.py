"""A wiring as Mermaid, DOT and JSON."""

from __future__ import annotations

import json

from pulumi_flyte_review.model.report import Edge, Graph, Node
from pulumi_flyte_review.rendering.documents import json_text
from pulumi_flyte_review.rendering.pictures import changes_picture, dot

GRAPH = Graph(
    (
        Node("app", "page", "update"),
        Node("app", "shop", "delete"),
        Node("app", 'st"ock', "same"),
        Node("secret", "key", "same"),
        Node("task", "resize", "create"),
    ),
    (
        Edge("app page", "app shop", "delete"),
        Edge("app page", 'app st"ock', "same"),
        Edge("app page", "secret key", "same"),
        Edge("app page", "task resize", "add"),
    ),
)


def test_mermaid_shows_before_and_after_in_one() -> None:
    assert changes_picture(GRAPH) == (
        "flowchart LR\n"
        '  n0["page<br/>changes"]:::update\n'
        '  n1["shop<br/>goes"]:::delete\n'
        '  n2["st#quot;ock"]\n'
        '  n3[("key")]\n'
        '  n4(["resize<br/>new"]):::create\n'
        "  n0 -.->|gone| n1\n"
        "  n0 --> n2\n"
        "  n0 --> n3\n"
        "  n0 -->|new| n4\n"
        "  classDef update fill:#fff8c5,stroke:#9a6700,color:#1f2328\n"
        "  classDef delete fill:#ffebe9,stroke:#cf222e,color:#1f2328,stroke-dasharray:4\n"
        "  classDef create fill:#dafbe1,stroke:#1a7f37,color:#1f2328\n"
        "  linkStyle 3 stroke:#1a7f37,stroke-width:2px\n"
        "  linkStyle 0 stroke:#cf222e,stroke-width:2px\n"
    )


def test_a_large_picture_counts_what_it_leaves_out() -> None:
    nodes = tuple(Node("app", f"a{index:03}", "update") for index in range(1000))
    edges = tuple(Edge("app a000", f"app a{index:03}", "add") for index in range(1, 1000))
    text = changes_picture(Graph(nodes, edges))
    assert '  more["960 more workloads and 960 more edges"]\n' in text
    assert len(text) < 4000


def test_nothing_is_drawn_where_the_wiring_stays() -> None:
    nodes = (Node("app", "page", "update"), Node("app", "shop", "same"))
    assert changes_picture(Graph(nodes, (Edge("app page", "app shop"),))) == ""


def test_dot_is_quoted() -> None:
    text = dot(GRAPH)
    assert '  "app st\\"ock" [label="st\\"ock", shape="box"];\n' in text
    assert '  "app page" -> "app shop" [style="dashed", color="#cf222e"];\n' in text
    assert text.startswith("digraph wiring {\n")
    assert text.endswith("}\n")


def test_json_has_nodes_and_edges() -> None:
    document = json.loads(json_text(GRAPH))
    assert document["nodes"][0] == {"type": "app", "name": "page", "op": "update"}
    assert document["edges"][0] == {"from": "app page", "to": "app shop", "edit": "delete"}
