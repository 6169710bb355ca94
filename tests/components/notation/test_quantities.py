"""Resources, scaling, durations: what is accepted, what is refused and where."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pulumi_flyte.notation import quantities
from pulumi_flyte.notation.interfaces import typed_interface
from pulumi_flyte.notation.triggers import trigger
from pulumi_flyte.problems import Problems


def test_a_pair_is_request_and_limit() -> None:
    problems = Problems()
    found = quantities.resources({"cpu": "500m", "memory": ("512Mi", "1Gi"), "gpu": "T4:1", "disk": "1Gi"}, problems)
    assert not problems.found
    assert found == {
        "requests": {"cpu": "500m", "memory": "512Mi", "gpu": "1", "ephemeralStorage": "1Gi"},
        "limits": {"memory": "1Gi"},
        "accelerator": {"device": "T4"},
    }


@given(st.integers(0, 10_000), st.sampled_from(["", "m", "k", "M", "Gi", "Ki"]))
def test_every_kubernetes_quantity_is_accepted(number: int, unit: str) -> None:
    assert quantities.is_quantity(f"{number}{unit}")


def test_numbers_that_crossed_the_engine_are_whole_again() -> None:
    problems = Problems()
    assert quantities.resources({"cpu": 2.0}, problems) == {"requests": {"cpu": "2"}}
    assert quantities.scaling({"replicas": [0.0, 3.0]}, problems) == {"minReplicas": 0, "maxReplicas": 3}


@pytest.mark.parametrize(
    ("given_resources", "path"),
    [
        ("500m", "resources"),
        ({"cpus": "1"}, "resources.cpus"),
        ({"cpu": "lots"}, "resources.cpu"),
        ({"cpu": -1}, "resources.cpu"),
        ({"cpu": True}, "resources.cpu"),
        ({"memory": ("1", "2", "3")}, "resources.memory"),
        ({"gpu": "T4"}, "resources.gpu"),
        ({"gpu": -1}, "resources.gpu"),
    ],
)
def test_bad_resources_name_their_path(given_resources: Any, path: str) -> None:
    problems = Problems()
    quantities.resources(given_resources, problems)
    assert [problem.path for problem in problems] == [path]


@pytest.mark.parametrize(
    ("given_scaling", "path"),
    [
        (3, "scaling"),
        ({"replica": 1}, "scaling.replica"),
        ({"replicas": (3, 1)}, "scaling.replicas"),
        ({"replicas": (0, 0)}, "scaling.replicas"),
        ({"replicas": "many"}, "scaling.replicas"),
        ({"concurrency": 0}, "scaling.concurrency"),
        ({"concurrency": 1, "request_rate": 1}, "scaling"),
        ({"scaledown_after": -1}, "scaling.scaledown_after"),
    ],
)
def test_bad_scaling_names_its_path(given_scaling: Any, path: str) -> None:
    problems = Problems()
    quantities.scaling(given_scaling, problems)
    assert [problem.path for problem in problems] == [path]


@pytest.mark.parametrize("value", [0, -1, True, "90", float("nan"), float("inf"), 10**400, timedelta()])
def test_what_is_no_duration_is_a_problem(value: object) -> None:
    problems = Problems()
    assert quantities.seconds(value, problems, "timeout") is None
    assert [problem.path for problem in problems] == ["timeout"]


@pytest.mark.parametrize("text", ["", "1e1000", "1.", ".5", "-1", "1 Gi", "1gi", "\u0663", "1e"])
def test_what_kubernetes_does_not_take_is_no_quantity(text: str) -> None:
    assert not quantities.is_quantity(text)


def test_a_duration_is_seconds_or_a_timedelta() -> None:
    problems = Problems()
    assert quantities.seconds(timedelta(minutes=2), problems, "timeout") == 120
    assert quantities.seconds(4000, problems, "timeouts.request", most=3600) is None
    assert [problem.path for problem in problems] == ["timeouts.request"]


TYPES = {"text": {"simple": "STRING"}, "n": {"simple": "INTEGER"}}


def test_a_trigger_is_a_cron_expression_or_an_interval() -> None:
    problems = Problems()
    assert trigger("nightly", "0 2 * * *", {}, problems) == {"name": "nightly", "cron": "0 2 * * *"}
    assert trigger("daily", "@daily", {}, problems) == {"name": "daily", "cron": "@daily"}
    every = trigger("often", timedelta(minutes=30), {}, problems)
    assert every == {"name": "often", "interval_minutes": 30}
    assert not problems.found


@pytest.mark.parametrize(
    ("given_trigger", "path"),
    [
        ("99 * * * *", "triggers.t.cron"),
        ("@reboot", "triggers.t.cron"),
        ({"cron": 5}, "triggers.t.cron"),
        ({"cron": "0 2 * * *", "timezone": "Mars/Olympus"}, "triggers.t.timezone"),
        ({"interval_minutes": 0}, "triggers.t.interval_minutes"),
        ({}, "triggers.t"),
        ({"cron": "0 2 * * *", "every": 3}, "triggers.t.every"),
        ({"cron": "0 2 * * *", "inputs": {"x": 1}}, "triggers.t.inputs.x"),
        ({"cron": "0 2 * * *", "inputs": {"n": "one"}}, "triggers.t.inputs.n"),
        (7, "triggers.t"),
    ],
)
def test_bad_triggers_name_their_path(given_trigger: Any, path: str) -> None:
    problems = Problems()
    trigger("t", given_trigger, TYPES, problems)
    assert [problem.path for problem in problems] == [path]


def test_an_interface_names_types_as_python_does() -> None:
    problems = Problems()
    given_interface = {"inputs": {"xs": "list[int]", "m": "dict[str, float]"}, "outputs": {"f": "file"}}
    found = typed_interface(given_interface, problems)
    assert not problems.found
    assert found["inputs"]["variables"][1]["value"]["type"] == {"collectionType": {"simple": "INTEGER"}}
    typed_interface({"inputs": {"x": "integer"}}, problems)
    assert problems.found[0].path == "interface.inputs.x"
