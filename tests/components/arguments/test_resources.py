"""Resources: what is accepted, what is refused and where."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pulumi_flyte.arguments.resources import Resources, resource_doubts

from tests.components.arguments.checks import paths, right


def test_a_pair_is_request_and_limit() -> None:
    resources = right(Resources, {"cpu": "500m", "memory": ("512Mi", "1Gi"), "gpu": "T4:1", "disk": "1Gi"})
    assert resources.requests == {"cpu": "500m", "memory": "512Mi", "gpu": "1", "ephemeralStorage": "1Gi"}
    assert resources.limits == {"memory": "1Gi"}
    assert resources.accelerator == "T4"


@given(st.integers(0, 10_000), st.sampled_from(["", "m", "k", "M", "Gi", "Ki"]))
def test_every_kubernetes_quantity_is_accepted(number: int, unit: str) -> None:
    assert not paths(Resources, {"memory": f"{number}{unit}"})


def test_numbers_that_crossed_the_engine_are_whole_again() -> None:
    assert right(Resources, {"cpu": 2.0, "gpu": 1.0}).requests == {"cpu": "2", "gpu": "1"}


@pytest.mark.parametrize(
    "value",
    [10**400, -(10**400), 1e300, (10**400, 1), b"ab", bytearray(b"ab"), range(1, 3)],
    ids=lambda value: type(value).__name__,
)
def test_what_no_cluster_can_hold_and_what_is_no_pair_is_refused(value: object) -> None:
    assert paths(Resources, {"cpu": value}) == ["cpu"]
    assert paths(Resources, {"gpu": value}) == ["gpu"]


@pytest.mark.parametrize(
    ("value", "path"),
    [
        ("500m", ""),
        ({"cpus": "1"}, "cpus"),
        ({"cpu": "lots"}, "cpu"),
        ({"cpu": -1}, "cpu"),
        ({"cpu": True}, "cpu"),
        ({"memory": ("1", "2", "3")}, "memory"),
        ({"memory": ("2Gi", "1Gi")}, "memory"),
        ({"gpu": "T4"}, "gpu"),
        ({"gpu": -1}, "gpu"),
        ({"shm": "much"}, "shm"),
    ],
)
def test_bad_resources_name_their_path(value: object, path: str) -> None:
    assert paths(Resources, value) == [path]


def test_each_part_of_a_pair_is_checked_and_so_is_everything_beside_it() -> None:
    assert paths(Resources, {"memory": ("lots", -1), "cpu": ("2", "1")}) == ["memory", "memory", "cpu"]


def test_an_amount_that_nobody_means_is_doubted() -> None:
    resources = right(Resources, {"memory": ("512", "1Gi"), "shm": "64"})
    properties = {"requests": resources.requests, "limits": resources.limits, "sharedMemory": resources.shm}
    doubts = resource_doubts(properties)
    assert [doubt.partition(":")[0] for doubt in doubts] == ["resources.memory", "resources.shm"]
