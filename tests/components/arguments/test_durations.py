"""Durations: seconds or a timedelta, positive and not above what the platform takes."""

from __future__ import annotations

from datetime import timedelta

import pytest
from pulumi_flyte.arguments.health import Health
from pulumi_flyte.arguments.timeouts import Timeouts

from tests.components.arguments.checks import paths, right


@pytest.mark.parametrize("value", [0, -1, True, "90", float("nan"), float("inf"), 10**400, timedelta()])
def test_what_is_no_duration_is_a_problem(value: object) -> None:
    assert paths(Health, {"path": "/", "timeout": value}) == ["timeout"]


def test_a_duration_is_seconds_or_a_timedelta() -> None:
    assert right(Timeouts, {"request": timedelta(minutes=2)}).request == 120
    assert right(Timeouts, 30.0).request == 30


@pytest.mark.parametrize(
    ("value", "path"), [({"request": 4000}, "request"), (4000, "request"), ({"reqest": 4}, "reqest")]
)
def test_a_request_takes_at_most_an_hour(value: object, path: str) -> None:
    assert paths(Timeouts, value) == [path]
