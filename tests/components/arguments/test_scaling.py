"""Scaling: what is accepted, what is refused and where."""

from __future__ import annotations

import pytest
from pulumi_flyte.arguments.scaling import Scaling

from tests.components.arguments.checks import paths, right


@pytest.mark.parametrize(
    ("replicas", "bounds"), [(2, (2, 2)), ((0, 3), (0, 3)), ([0.0, 3.0], (0, 3)), (1.0, (1, 1)), (None, None)]
)
def test_a_number_is_the_least_and_the_greatest(replicas: object, bounds: tuple[int, int] | None) -> None:
    assert right(Scaling, {"replicas": replicas}).bounds == bounds


@pytest.mark.parametrize(
    ("value", "path"),
    [
        (3, ""),
        ({"replica": 1}, "replica"),
        ({"replicas": (3, 1)}, "replicas"),
        ({"replicas": (0, 0)}, "replicas"),
        ({"replicas": "many"}, "replicas"),
        ({"concurrency": 0}, "concurrency"),
        ({"concurrency": True}, "concurrency"),
        ({"requestRate": "10"}, "request_rate"),
        ({"concurrency": 1, "request_rate": 1}, ""),
        ({"concurrency": 2**32}, "concurrency"),
        ({"request_rate": 10**400}, "request_rate"),
        ({"replicas": (0, 2**32)}, "replicas"),
        ({"replicas": range(1, 3)}, "replicas"),
        ({"replicas": b"ab"}, "replicas"),
        ({"scaledown_after": -1}, "scaledown_after"),
    ],
)
def test_bad_scaling_names_its_path(value: object, path: str) -> None:
    assert paths(Scaling, value) == [path]
