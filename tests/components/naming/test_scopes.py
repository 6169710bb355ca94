"""The default project and domain: legal, stable, and apart for any two stacks."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from pulumi_flyte.naming import names
from pulumi_flyte.naming.scopes import DOMAIN_OF_STACK, Scope, default_scope

# What Pulumi accepts as the name of a project or a stack.
pulumi_names = st.from_regex(r"[A-Za-z0-9_.-]{1,100}", fullmatch=True)
stacks = st.one_of(st.sampled_from(sorted(DOMAIN_OF_STACK)), pulumi_names)


@pytest.mark.parametrize(
    ("stack", "scope"),
    [
        ("dev", Scope("shop", "development")),
        ("development", Scope("shop", "development")),
        ("staging", Scope("shop", "staging")),
        ("prod", Scope("shop", "production")),
        ("production", Scope("shop", "production")),
        ("bob", Scope("shop-bob", "development")),
        ("pr-123", Scope("shop-pr-123", "development")),
        ("acme/shop/prod", Scope("shop", "production")),
        ("acme/shop/bob", Scope("shop-bob", "development")),
    ],
)
def test_a_stack_takes_a_domain_or_a_project_of_its_own(stack: str, scope: Scope) -> None:
    assert default_scope("shop", stack) == scope


@given(pulumi_names, stacks)
def test_every_stack_has_legal_names(project: str, stack: str) -> None:
    scope = default_scope(project, stack)
    assert names.scope_name_problem(scope.project) is None
    assert scope.domain in DOMAIN_OF_STACK.values()


@given(pulumi_names, stacks, stacks)
def test_two_stacks_of_one_project_never_meet(project: str, one: str, other: str) -> None:
    assume(DOMAIN_OF_STACK.get(one, one) != DOMAIN_OF_STACK.get(other, other))
    assert default_scope(project, one) != default_scope(project, other)


ALIKE = ["feature-x", "feature_x", "feature.x", "Feature-X", "FEATURE-X", "-feature-x", "feature--x", "feature-x-"]


def test_stacks_that_differ_in_illegal_characters_only_stay_apart() -> None:
    assert len({default_scope("shop", stack) for stack in ALIKE}) == len(ALIKE)
    assert len({default_scope(project, "prod") for project in ALIKE}) == len(ALIKE)


def test_the_case_of_a_domain_counts() -> None:
    assert default_scope("shop", "Prod").domain == "development"
    assert default_scope("shop", "Prod") != default_scope("shop", "prod")


def test_long_names_that_begin_alike_stay_apart() -> None:
    long = "x" * 90
    scopes = {default_scope(long, stack) for stack in ("a", "b", "dev")} | {default_scope(f"{long}y", "dev")}
    assert len(scopes) == 4
    assert all(len(scope.project) == names.MAX_PROJECT for scope in scopes)


def test_domains_of_one_project_share_it_whatever_it_is_called() -> None:
    assert default_scope("My_Shop", "dev").project == default_scope("My_Shop", "prod").project
