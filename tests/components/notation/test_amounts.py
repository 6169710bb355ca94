"""Quantities as numbers: which requests are above their limits, and which amounts nobody means."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pulumi_flyte.arguments.declaration import check
from pulumi_flyte.arguments.resources import Resources, resource_doubts
from pulumi_flyte.notation import quantities
from pulumi_flyte.notation.amounts import above_limits, amount, doubts


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("2", 2),
        ("500m", Fraction(1, 2)),
        ("0.5", Fraction(1, 2)),
        ("1k", 1000),
        ("1Ki", 1024),
        ("1.5Gi", 3 * 2**29),
        ("2e9", 2 * 10**9),
        ("5E-1", Fraction(1, 2)),
        ("1E", 10**18),
        ("1Ei", 2**60),
    ],
)
def test_a_quantity_is_a_number(text: str, number: Fraction) -> None:
    assert amount(text) == number


@given(st.integers(0, 10_000), st.sampled_from(["", "m", "k", "M", "G", "T", "Gi", "Ki", "e3", "E-2"]))
def test_every_quantity_has_a_number(number: int, unit: str) -> None:
    text = f"{number}{unit}"
    assert quantities.is_quantity(text)
    assert amount(text) is not None


@pytest.mark.parametrize(
    ("resource", "request_", "limit", "above"),
    [
        ("cpu", "2", "1", True),
        ("cpu", "1001m", "1", True),
        ("cpu", "1000m", "1", False),
        ("cpu", "1", "0", True),
        ("memory", "1Gi", "1G", True),
        ("memory", "1G", "1Gi", False),
        ("memory", "512Mi", "0.5Gi", False),
        ("ephemeralStorage", "2Gi", "1Gi", True),
        ("gpu", "2", "1", True),
    ],
)
def test_a_request_above_its_limit_is_found(resource: str, request_: str, limit: str, above: bool) -> None:
    resources = above_limits({resource: request_}, {resource: limit})
    assert (resource in resources) is above


def test_what_is_unknown_or_has_no_limit_is_left_alone() -> None:
    assert above_limits({"cpu": "2", "memory": object()}, {"memory": "1"}) == {}


@pytest.mark.parametrize(
    ("given_resources", "path"),
    [
        ({"cpu": ("2", "1")}, "cpu"),
        ({"cpu": (2, 1)}, "cpu"),
        ({"cpu": [2.0, 1.5]}, "cpu"),
        ({"memory": ("1Gi", "512Mi")}, "memory"),
        ({"disk": ("1Gi", "1G")}, "disk"),
    ],
)
def test_the_problem_is_at_the_argument(given_resources: object, path: str) -> None:
    assert [problem.path for problem in check(Resources, given_resources)[1]] == [path]


@pytest.mark.parametrize(
    ("resource", "quantity", "meant"),
    [
        ("memory", "512", "'512Mi'"),
        ("memory", "512m", "'512Mi'"),
        ("memory", "64k", "'64Mi'"),
        ("ephemeralStorage", "10", "'10Mi'"),
        ("sharedMemory", "64", "'64Mi'"),
        ("cpu", "500", "'500m'"),
        ("cpu", "1Gi", "'1m'"),
        ("cpu", "1e999", "'1m'"),
        ("memory", "1e-999", "'1Mi'"),
        ("cpu", "0", "leave it out"),
        ("memory", "0Mi", "leave it out"),
    ],
)
def test_what_nobody_means_is_doubted(resource: str, quantity: str, meant: str) -> None:
    assert meant in (doubts(resource, quantity) or "")


@pytest.mark.parametrize(
    ("resource", "quantity"),
    [
        ("memory", "1Mi"),
        ("memory", "128M"),
        ("memory", "1e9"),
        ("cpu", "1m"),
        ("cpu", "96"),
        ("gpu", "0"),
        ("gpu", "1"),
    ],
)
def test_what_may_be_meant_is_not(resource: str, quantity: str) -> None:
    assert doubts(resource, quantity) is None


def test_a_warning_is_said_once_under_the_arguments_name() -> None:
    amounts = {"memory": "512", "ephemeralStorage": "10"}
    properties = {"requests": amounts, "limits": {"ephemeralStorage": "10"}, "sharedMemory": "64"}
    assert [warning.partition(":")[0] for warning in resource_doubts(properties)] == [
        "resources.memory",
        "resources.disk",
        "resources.shm",
    ]


@pytest.mark.parametrize("text", ["", "1e1000", "1.", ".5", "-1", "1 Gi", "1gi", "\u0663", "1e"])
def test_what_kubernetes_does_not_take_is_no_quantity(text: str) -> None:
    assert not quantities.is_quantity(text)
