from __future__ import annotations

from flyte_local.runs.time_limits import TimeLimits, backoff
from flyteidl2.core.literals_pb2 import Backoff, RetryStrategy
from google.protobuf.duration_pb2 import Duration
from hypothesis import given
from hypothesis import strategies as st


def strategy(base: int, factor: float | None = None, cap: int = 0) -> RetryStrategy:
    backoff = Backoff(base=Duration(seconds=base), cap=Duration(seconds=cap))
    if factor is not None:
        backoff.factor = factor
    return RetryStrategy(retries=5, backoff=backoff)


def test_waits_grow_by_the_factor_up_to_the_cap() -> None:
    assert [backoff(strategy(2, 3, 20), n) for n in range(1, 5)] == [2, 6, 18, 20]
    assert backoff(strategy(2), 9) == 2
    assert backoff(RetryStrategy(retries=1), 1) == 0


@given(st.integers(0, 1000), st.floats(1, 100), st.integers(0, 1000), st.integers(1, 100_000))
def test_no_wait_is_negative_endless_or_above_the_cap(base: int, factor: float, cap: int, attempts: int) -> None:
    wait = backoff(strategy(base, factor, cap), attempts)
    assert wait >= 0
    if cap:
        assert wait <= cap


def test_limits_that_are_not_set_do_not_limit() -> None:
    assert TimeLimits().queue_left(0.0) is None
    assert TimeLimits(queued=5.0).queue_left(0.0) == 0.0
