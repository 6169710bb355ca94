"""Disruption budgets that let nodes be drained."""

from __future__ import annotations

import pytest
from flyte_runtime import contract
from pulumi_flyte.arguments.cluster_values import PodCount
from pulumi_flyte.arguments.scaling import Scaling
from pulumi_flyte.platforms.kubernetes.disruption import budget_problem
from pulumi_flyte.platforms.kubernetes.pod_rules import PodRules
from pulumi_flyte.wiring.edge import Edges
from pulumi_flyte.workload.app_spec import AppOptions, AppSpec, AuthPolicy
from pulumi_flyte.workload.container import Container, ImageChoice

IDENTITY = contract.Identity(kind="app", project="shop", domain="development", name="web")


@pytest.mark.parametrize(
    ("replicas", "min_available", "is_problem"),
    [
        (2, 2, True),
        (2, "51%", True),
        (2, "100%", True),
        ((3, 9), 3, True),
        (2, 1, False),
        (2, "50%", False),
        (3, "66%", False),
        (1, 1, False),  # which has no budget
        (2, None, False),
    ],
)
def test_a_budget_that_lets_no_pod_go_is_a_problem(
    replicas: int | tuple[int, int], min_available: PodCount | None, is_problem: bool
) -> None:
    options = AppOptions(scaling=Scaling(replicas=replicas))
    spec = AppSpec(IDENTITY, Container(ImageChoice("web:1")), 8080, options, AuthPolicy(), Edges())
    assert (budget_problem(spec, PodRules(min_available=min_available)) is not None) is is_problem
    assert budget_problem(spec, PodRules(min_available=min_available, disruption_budget=False)) is None
