"""The pure rules of trying again."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from email.utils import format_datetime

import pytest
from flyte_runtime.apps.budget import Budget
from flyte_runtime.apps.policy import Policy
from flyte_runtime.apps.retry import pause, retry_after
from hypothesis import given
from hypothesis import strategies as st

NOW = datetime(2026, 3, 1, 12, tzinfo=timezone.utc)


@given(st.integers(0, 10_000), st.floats(0.001, 10), st.floats(0.001, 100))
def test_a_pause_is_jittered_under_a_doubling_ceiling(attempt: int, base: float, cap: float) -> None:
    assert 0 <= pause(attempt, base, cap) <= min(cap, base * 2 ** min(attempt, 32))


def test_who_is_told_the_same_does_not_come_back_at_once() -> None:
    pauses = [pause(3, 0.1, 5.0, minimum=2.0) for _ in range(200)]
    assert 2.0 <= min(pauses) < 2.1
    assert 2.7 < max(pauses) <= 2.8


def test_pauses_spread_over_the_whole_range() -> None:
    drawn = [pause(3, 0.1, 5) for _ in range(500)]
    assert min(drawn) < 0.1
    assert max(drawn) > 0.7


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("120", 120.0),
        (" 0 ", 0.0),
        (format_datetime(NOW + timedelta(seconds=30), usegmt=True), 30.0),
        (format_datetime(NOW - timedelta(seconds=30), usegmt=True), 0.0),
        ("Sun, 01 Mar 2026 12:00:05", 5.0),
        ("", None),
        (None, None),
        ("-5", None),
        ("1.5", None),
        ("soon", None),
        ("٣", None),
        ("9" * 400, None),
    ],
)
def test_retry_after(header: str | None, seconds: float | None) -> None:
    assert retry_after(header, NOW) == seconds


@given(st.text())
def test_retry_after_never_fails(header: str) -> None:
    seconds = retry_after(header, NOW)
    assert seconds is None or seconds >= 0


@given(st.lists(st.booleans(), max_size=400))
def test_a_budget_never_gives_more_than_its_share_and_its_reserve(steps: list[bool]) -> None:
    budget = Budget(ratio=0.18, reserve=10, rate=0)
    calls = retries = 0
    for is_call in steps:
        if is_call:
            calls += 1
            budget.deposit()
        elif budget.withdraw():
            retries += 1
        assert retries <= 10 + 0.18 * calls + 1e-9


def test_a_budget_recovers_with_time_even_without_traffic() -> None:
    budget = Budget(reserve=2, rate=1000)
    assert sum(budget.withdraw() for _ in range(2)) == 2
    budget._refilled -= 1
    assert budget.withdraw()


def test_a_quiet_edge_can_still_retry() -> None:
    budget = Budget()
    budget.deposit()
    assert [budget.withdraw() for _ in range(3)] == [True] * 3


def test_what_an_edge_says_is_the_only_limit() -> None:
    assert Policy().with_edge(600, None) == Policy(total=600, read=600)
    assert Policy().with_edge(2, 0) == Policy(total=2, read=2, connect=2, retries=0)
    assert Policy().with_edge(None, None) == Policy()
