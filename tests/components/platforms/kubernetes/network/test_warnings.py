"""Previews name the addresses that policies will close."""

from __future__ import annotations

from dataclasses import replace

import pytest
from pulumi_flyte.links import AppLink, TaskLink
from pulumi_flyte.platforms.kubernetes.network.surroundings import Surroundings
from pulumi_flyte.platforms.kubernetes.network.warnings import edge_warnings, egress_warnings
from pulumi_flyte.wiring.edge import AppEdge, TaskEdge, ValueEdge

OPEN = Surroundings(project="shop", domain="development", namespace="shop-development", task_namespace="flyte")
DECLARED = replace(OPEN, egress_open=False)
LISTED = replace(DECLARED, egress_cidrs=("10.20.0.0/16",))


@pytest.mark.parametrize(
    ("around", "url"),
    [
        (OPEN, "postgres://u@db.databases.svc.cluster.local:5432/x"),
        (OPEN, "http://backend"),
        (OPEN, "redis://10.20.0.7:6379"),
        (OPEN, "http://169.254.169.254/latest"),
        (DECLARED, "https://api.example.com"),
        (DECLARED, "https://8.8.8.8"),
        (LISTED, "redis://10.21.0.7:6379"),
        (LISTED, "http://[fd00::1]:80"),
    ],
)
def test_a_url_that_will_be_blocked_is_named(around: Surroundings, url: str) -> None:
    [warning] = egress_warnings(around, {"UPSTREAM": url}, [])
    assert warning.startswith("env.UPSTREAM: ")
    [warning] = egress_warnings(around, {}, [ValueEdge(alias="upstream", value=url)])
    assert warning.startswith("inputs.upstream: ")


def test_a_password_in_a_url_is_in_no_warning() -> None:
    url = "postgres://shop:hunter2@db.databases.svc.cluster.local:5432/shop"
    [warning] = egress_warnings(OPEN, {"DATABASE": url}, [])
    assert "db.databases.svc.cluster.local" in warning
    assert "hunter2" not in warning


@pytest.mark.parametrize(
    ("around", "text"),
    [
        (OPEN, "https://api.example.com/v1"),
        (OPEN, "https://8.8.8.8"),
        (OPEN, "http://localhost:9000"),
        (DECLARED, "http://127.0.0.1:9000"),
        (LISTED, "redis://10.20.0.7:6379"),
        (LISTED, "https://api.example.com"),
        (DECLARED, "no url, with backend in it"),
        (DECLARED, "s3://bucket/key"),
        (replace(DECLARED, flyte_url="http://api.flyte.svc:8090"), "http://api.flyte.svc:8090"),
    ],
)
def test_others_are_not(around: Surroundings, text: str) -> None:
    assert egress_warnings(around, {"UPSTREAM": text, "OTHER": 3}, []) == []


def test_a_flyte_endpoint_that_only_has_a_name_is_named_where_tasks_are_started() -> None:
    around = replace(DECLARED, flyte_url="https://flyte.example.com")
    task = TaskEdge(alias="train", link=TaskLink("shop", "development", "train"), stored="")
    [warning] = egress_warnings(around, {}, [task])
    assert "flyte.example.com" in warning
    assert egress_warnings(around, {}, []) == []
    assert egress_warnings(replace(around, egress_open=True), {}, [task]) == []


def edge(url: str, *, by_name: bool = False) -> AppEdge:
    return AppEdge(alias="api", link=AppLink("shop", "staging", "api", url), stored="", by_name=by_name)


def test_an_app_outside_of_the_cluster_is_named() -> None:
    [warning] = edge_warnings(OPEN, "web", [edge("https://api.example.com")], ())
    assert "inputs.api: api.example.com is not a Service of this cluster" in warning


def test_a_name_in_a_namespace_that_the_program_does_not_make_is_named() -> None:
    by_name = edge("http://api.shop-staging.svc.cluster.local", by_name=True)
    [warning] = edge_warnings(OPEN, "web", [by_name], ())
    assert "namespace 'shop-staging'" in warning
    assert edge_warnings(OPEN, "web", [by_name], {"shop-staging"}) == []
    assert edge_warnings(replace(OPEN, namespace="shop-staging"), "web", [by_name], ()) == []
    assert edge_warnings(OPEN, "web", [edge("http://api.shop-staging.svc.cluster.local")], ()) == []


def test_a_password_in_the_url_of_an_edge_is_in_no_warning() -> None:
    [warning] = edge_warnings(OPEN, "web", [edge("https://shop:hunter2@api.example.com")], ())
    assert "api.example.com" in warning
    assert "hunter2" not in warning


def test_a_namespace_is_not_missed_where_nobody_knows_the_others_of_the_program() -> None:
    by_name = edge("http://api.shop-staging.svc.cluster.local", by_name=True)
    assert edge_warnings(OPEN, "web", [by_name], None) == []


@pytest.mark.parametrize(
    ("url", "is_named"),
    [("http://flyte.flyte.svc", True), ("http://flyte.flyte.svc:8089", False), ("https://flyte.example.com", False)],
)
def test_the_port_of_flytes_service_is_named_where_its_pods_have_another(url: str, is_named: bool) -> None:
    task = TaskEdge(alias="train", link=TaskLink("shop", "development", "train"), stored="")
    warnings = egress_warnings(replace(OPEN, flyte_url=url), {}, [task])
    assert any("the port of its pods" in warning for warning in warnings) is is_named
