"""Discovered workloads are declared in an order that keeps their dependencies."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st
from pulumi_flyte.discovery.plan import Plan, plan

from tests.components.discovery.workloads import workload


def names(planned: Plan) -> list[str]:
    return [each.name for each in planned.ordered]


def test_each_comes_after_all_of_what_its_environment_depends_on() -> None:
    workloads = [workload("web", ("words",)), workload("words.b"), workload("words.a")]
    planned = plan(workloads)
    assert names(planned)[-1] == "web"
    assert planned.waits["web"] == ["words.a", "words.b"]


def test_an_endpoint_orders_as_depends_on_does() -> None:
    planned = plan([workload("front", (), ("back",)), workload("back")])
    assert names(planned) == ["back", "front"]


def test_two_apps_that_know_each_others_endpoints_are_no_cycle() -> None:
    planned = plan([workload("a", (), ("b",)), workload("b", (), ("a",)), workload("c", (), ("a",))])
    assert planned.cycle is None
    assert (planned.waits["a"], planned.waits["b"], planned.waits["c"]) == ([], [], ["a"])


def test_depends_on_wins_over_an_endpoint_that_would_close_a_cycle() -> None:
    planned = plan([workload("a", ("b",)), workload("b", (), ("a",))])
    assert names(planned) == ["b", "a"]


def test_environments_that_depend_on_each_other_are_named_with_the_path() -> None:
    planned = plan([workload("a", ("b",)), workload("b", ("a",))])
    assert planned.cycle == ["a", "b", "a"]


def test_endpoints_of_apps_that_are_not_here_order_nothing() -> None:
    assert names(plan([workload("front", (), ("elsewhere",))])) == ["front"]


edges = st.lists(st.tuples(st.integers(0, 7), st.integers(0, 7)), max_size=30)


@given(hard=edges, soft=edges)
def test_every_order_keeps_every_dependency_that_can_be_kept(
    hard: list[tuple[int, int]], soft: list[tuple[int, int]]
) -> None:
    def of(number: int, pairs: list[tuple[int, int]]) -> tuple[str, ...]:
        return tuple(f"w{to}" for start, to in pairs if start == number and to != number)

    # Hard edges go down: what Flyte itself accepts has no cycle.
    down = [(max(pair), min(pair)) for pair in hard if pair[0] != pair[1]]
    planned = plan([workload(f"w{n}", of(n, down), of(n, soft)) for n in range(8)])
    place = {name: at for at, name in enumerate(names(planned))}
    assert len(place) == 8
    assert all(place[f"w{start}"] > place[f"w{to}"] for start, to in down)
    assert all(place[name] > place[other] for name, others in planned.waits.items() for other in others)


def test_an_order_is_the_same_for_the_same_code() -> None:
    workloads = [workload(name) for name in ("c", "a", "b")]
    orders = [names(plan(workloads)) for _ in range(5)]
    assert all(one == other for one, other in pairwise(orders))
