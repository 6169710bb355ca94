"""The times of a server's end: by platform, and by the variables."""

from __future__ import annotations

import pytest
from flyte_runtime.contract import DRAIN, DRAIN_DELAY, GRACE_PERIOD, PRE_STOP_DELAY, drain_within
from flyte_runtime.errors import ServeError
from flyte_runtime.serving.stop_times import StopTimes, stop_times


@pytest.mark.parametrize(("platform", "delay"), [(None, 0), ("local", 0), ("flyte", 5), ("kubernetes", 5)])
def test_only_where_others_have_to_learn_of_it_new_requests_are_taken(platform: str | None, delay: float) -> None:
    assert stop_times(platform) == StopTimes(delay, DRAIN)


def test_the_variables_win(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLYTE_DRAIN", "600")
    monkeypatch.setenv("FLYTE_DRAIN_DELAY", "0.5")
    assert stop_times("kubernetes") == StopTimes(0.5, 600)
    assert stop_times(None).requests == 596


@pytest.mark.parametrize(
    ("variable", "text"),
    [("FLYTE_DRAIN", "0"), ("FLYTE_DRAIN", "soon"), ("FLYTE_DRAIN", "inf"), ("FLYTE_DRAIN_DELAY", "-1")],
)
def test_a_time_that_is_none_is_said(variable: str, text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(variable, text)
    with pytest.raises(ServeError, match=f"the variable {variable} is '{text}': expected seconds, [01] or more"):
        stop_times("kubernetes")


def test_the_grace_period_has_room_for_the_drain() -> None:
    assert drain_within(GRACE_PERIOD) == DRAIN
    assert drain_within(600, 10) == 585
    assert drain_within(3) == 1
    assert PRE_STOP_DELAY + DRAIN_DELAY < drain_within(GRACE_PERIOD) < GRACE_PERIOD
