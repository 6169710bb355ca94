"""The owner of an object that already exists."""

from __future__ import annotations

from pulumi_flyte.platforms.kubernetes.ownership import OWNER, takeover_problem

MARK = "shop/dev/Service/web"


def test_what_an_interrupted_run_left_is_taken_over() -> None:
    assert takeover_problem("Service", "web", MARK, {OWNER: MARK}) is None


def test_an_object_of_another_stack_is_named_with_its_owner() -> None:
    problem = takeover_problem("Service", "web", MARK, {OWNER: "shop/prod/Service/web"})
    assert problem is not None
    assert "the Service 'web' exists already" in problem
    assert "shop/prod/Service/web" in problem
    assert "adopt=True" in problem


def test_a_namespace_without_a_mark_is_others() -> None:
    problem = takeover_problem("Namespace", "shop", "shop/dev/Namespace/env", {})
    assert problem is not None
    assert "create_namespace" in problem
    assert "adopt" not in problem
