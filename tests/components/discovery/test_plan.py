"""The order of what was discovered, and what may be said about it: decisions without an engine."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any, Literal

from hypothesis import given
from hypothesis import strategies as st
from pulumi_flyte.discovery import plan as discovery
from pulumi_flyte.discovery.plan import Workload
from pulumi_flyte.problems import Problems
from pulumi_flyte.source.description import Description
from pulumi_flyte.source.location import Location
from pulumi_flyte.source.read_source import ReadSource


def workload(name: str, depends_on: tuple[str, ...] = (), endpoints: tuple[str, ...] = (), **more: Any) -> Workload:
    environment, _, function = name.partition(".")
    kind: Literal["app", "task"] = "task" if function else "app"
    source = ReadSource(f"{environment}.py:x", Location(Path("/"), environment, "x"), Description(), discovered=True)
    return Workload(name, kind, environment, source, depends_on, endpoints, **more)


def names(plan: discovery.Plan) -> list[str]:
    return [each.name for each in plan.ordered]


def test_each_comes_after_all_of_what_its_environment_depends_on() -> None:
    found = [workload("web", ("words",)), workload("words.b"), workload("words.a")]
    plan = discovery.plan(found)
    assert names(plan)[-1] == "web"
    assert plan.waits["web"] == ["words.a", "words.b"]


def test_an_endpoint_orders_as_depends_on_does() -> None:
    plan = discovery.plan([workload("front", (), ("back",)), workload("back")])
    assert names(plan) == ["back", "front"]


def test_two_apps_that_know_each_others_endpoints_are_no_cycle() -> None:
    plan = discovery.plan([workload("a", (), ("b",)), workload("b", (), ("a",)), workload("c", (), ("a",))])
    assert plan.cycle is None
    assert (plan.waits["a"], plan.waits["b"], plan.waits["c"]) == ([], [], ["a"])


def test_depends_on_wins_over_an_endpoint_that_would_close_a_cycle() -> None:
    plan = discovery.plan([workload("a", ("b",)), workload("b", (), ("a",))])
    assert names(plan) == ["b", "a"]


def test_environments_that_depend_on_each_other_are_named_with_the_path() -> None:
    plan = discovery.plan([workload("a", ("b",)), workload("b", ("a",))])
    assert plan.cycle == ["a", "b", "a"]


def test_endpoints_of_apps_that_are_not_here_order_nothing() -> None:
    assert names(discovery.plan([workload("front", (), ("elsewhere",))])) == ["front"]


edges = st.lists(st.tuples(st.integers(0, 7), st.integers(0, 7)), max_size=30)


@given(hard=edges, soft=edges)
def test_every_order_keeps_every_dependency_that_can_be_kept(
    hard: list[tuple[int, int]], soft: list[tuple[int, int]]
) -> None:
    def of(number: int, pairs: list[tuple[int, int]]) -> tuple[str, ...]:
        return tuple(f"w{to}" for start, to in pairs if start == number and to != number)

    # Hard edges go down: what Flyte itself accepts has no cycle.
    down = [(max(pair), min(pair)) for pair in hard if pair[0] != pair[1]]
    plan = discovery.plan([workload(f"w{n}", of(n, down), of(n, soft)) for n in range(8)])
    place = {name: at for at, name in enumerate(names(plan))}
    assert len(place) == 8
    assert all(place[f"w{start}"] > place[f"w{to}"] for start, to in down)
    assert all(place[name] > place[other] for name, others in plan.waits.items() for other in others)


def said(problems: Problems) -> list[str]:
    return [str(problem) for problem in problems]


def test_an_override_of_something_that_is_not_there_names_the_nearest() -> None:
    problems = Problems()
    found = [workload("frontend"), workload("words.count")]
    discovery.check_overrides(
        {"fronted": {}, "words": {"retries": 2}, "words.count": {"source": "x.py:y"}}, found, problems
    )
    assert said(problems) == [
        "overrides.fronted: nothing of this name was discovered: did you mean 'frontend'?",
        "overrides.words.count.source: the code says this: change it there",
    ]


def test_what_is_no_mapping_is_said(tmp_path: Path) -> None:
    problems = Problems()
    discovery.check_overrides(["web"], [], problems)
    discovery.check_overrides({"web": 3}, [workload("web")], problems)
    discovery.check_secrets("key", [], problems)
    assert [problem.path for problem in problems] == ["overrides", "overrides.web", "secrets"]


def test_a_secret_that_nobody_requests_names_the_nearest() -> None:
    problems = Problems()
    discovery.check_secrets({"api_key": "x"}, ["api-key"], problems)
    assert said(problems) == ["secrets.api_key: no discovered code requests this secret: did you mean 'api-key'?"]


def test_a_tasks_own_arguments_win_over_its_environments() -> None:
    overrides = {"words": {"retries": 1, "timeout": 60}, "words.count": {"retries": 5}}
    assert discovery.arguments_of(workload("words.count"), overrides) == {"retries": 5, "timeout": 60}
    assert discovery.arguments_of(workload("words.split"), overrides) == {"retries": 1, "timeout": 60}


def test_an_order_is_the_same_for_the_same_code() -> None:
    found = [workload(name) for name in ("c", "a", "b")]
    orders = [names(discovery.plan(found)) for _ in range(5)]
    assert all(one == other for one, other in pairwise(orders))
