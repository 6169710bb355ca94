"""The options of an edge."""

from __future__ import annotations

import pytest
from pulumi_flyte.links import AppEndpoint, Link
from pulumi_flyte.problems import Problems
from pulumi_flyte.settings import Settings
from pulumi_flyte.wiring.consumer import Consumer
from pulumi_flyte.wiring.edge import AppEdge
from pulumi_flyte.wiring.inputs import resolve_input

CONSUMER = Consumer("App", "web", None)


@pytest.mark.parametrize("timeout", [0, -1, True, "5", float("nan"), float("inf"), 10**400])
def test_what_is_no_timeout_is_a_problem(timeout: object) -> None:
    problems = Problems()
    link = Link(AppEndpoint("backend"), timeout=timeout)  # type: ignore[arg-type]
    resolve_input("backend", link, CONSUMER, problems)
    assert [problem.path for problem in problems] == ["inputs.backend.timeout"]


@pytest.mark.parametrize("timeout", [None, 1, 0.5, 3600])
def test_a_timeout_is_a_positive_number(timeout: float | None) -> None:
    problems = Problems()
    resolve_input("backend", Link(AppEndpoint("backend"), timeout=timeout), CONSUMER, problems)
    assert not problems.entries


@pytest.mark.parametrize(
    ("reference", "url"),
    [
        (AppEndpoint("backend"), "http://backend.apps.svc.cluster.local"),
        (AppEndpoint("backend", domain="production"), "http://backend.shop-production.svc.cluster.local"),
        (AppEndpoint("backend", project="stock"), "http://backend.stock-development.svc.cluster.local"),
        (AppEndpoint("backend", project="shop", domain="development"), "http://backend.apps.svc.cluster.local"),
    ],
)
def test_on_kubernetes_a_name_of_another_domain_is_in_that_domains_namespace(reference: AppEndpoint, url: str) -> None:
    settings = Settings(platform="kubernetes", project="shop", namespace="apps")
    edge = resolve_input("backend", reference, Consumer("App", "web", settings), Problems())
    assert isinstance(edge, AppEdge)
    assert edge.link.url == url
