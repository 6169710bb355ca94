"""The overrides of discovered workloads, and the problems of invalid ones, without an engine."""

from __future__ import annotations

from pulumi_flyte.discovery.overrides import Overrides, override_problems, secret_problems
from pulumi_flyte.source.description import RequestedSecret

from tests.components.discovery.workloads import workload


def test_an_override_of_something_that_is_not_there_names_the_nearest() -> None:
    workloads = [workload("frontend"), workload("words.count")]
    overrides = {"fronted": {}, "words": {"retries": 2}, "words.count": {"source": "x.py:y"}}
    assert [str(problem) for problem in override_problems(overrides, workloads)] == [
        "overrides.fronted: no discovered app, task or environment has this name: did you mean 'frontend'?",
        "overrides.words.count.source: the code sets this: change it there",
    ]


def test_what_is_no_mapping_is_said() -> None:
    problems = [
        *override_problems(["web"], []),
        *override_problems({"web": 3}, [workload("web")]),
        *secret_problems("key", []),
    ]
    assert [problem.path for problem in problems] == ["overrides", "overrides.web", "secrets"]


def test_a_key_that_is_no_name_is_said() -> None:
    problems = [
        *override_problems({1: {}, "web": {2: 3}}, [workload("web")]),
        *secret_problems({4: "x"}, []),
    ]
    assert [(problem.path, problem.value) for problem in problems] == [
        ("overrides", 1),
        ("overrides.web", 2),
        ("secrets", 4),
    ]


def test_a_secret_that_nobody_requests_names_the_nearest() -> None:
    workloads = [workload("web", secrets=(RequestedSecret("api-key", "API_KEY"),))]
    assert [str(problem) for problem in secret_problems({"api_key": "x"}, workloads)] == [
        "secrets.api_key: no discovered code requests this secret: did you mean 'api-key'?"
    ]


def test_a_tasks_own_arguments_win_over_its_environments() -> None:
    overrides = Overrides.parse({"words": {"retries": 1, "timeout": 60}, "words.count": {"retries": 5}})
    assert overrides.of(workload("words.count")) == {"retries": 5, "timeout": 60}
    assert overrides.of(workload("words.split")) == {"retries": 1, "timeout": 60}
