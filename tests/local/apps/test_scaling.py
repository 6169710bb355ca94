"""The rules for the number of an app's replicas, without processes."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flyte_local.apps.scaling import (
    Load,
    Meter,
    Need,
    Reading,
    Scaling,
    load_between,
    needed,
    remember,
    scaling,
    wanted,
)
from flyteidl2.app.app_definition_pb2 import AutoscalingConfig
from hypothesis import example, given
from hypothesis import strategies as st

amounts = st.floats(min_value=0, max_value=1e4)
loads = st.builds(Load, amounts, amounts, st.booleans())


@st.composite
def scalings(draw: st.DrawFn) -> Scaling:
    least = draw(st.integers(0, 20))
    return Scaling(
        least=least,
        most=draw(st.integers(max(least, 1), 30)),
        metric=draw(st.sampled_from(["concurrency", "rate"])),
        target=draw(st.integers(1, 200)),
        window=draw(st.floats(min_value=0.1, max_value=3600)),
    )


@given(scalings(), loads)
@example(Scaling(least=0, most=1, metric="concurrency", target=1, window=1.0), Load(1e-300, 0.0, False))
def test_a_load_needs_no_more_than_it_takes_and_no_replica_gets_more_than_its_target(rule: Scaling, load: Load) -> None:
    replicas = needed(rule, load)
    assert rule.least <= replicas <= rule.most
    amount = load.rate if rule.metric == "rate" else load.concurrency
    if replicas < rule.most:
        assert amount <= replicas * rule.target * (1 + 1e-6)
    if replicas > max(rule.least, int(load.busy)):
        assert amount > (replicas - 1) * rule.target
    if load.busy:
        assert replicas >= 1


@given(scalings(), loads, loads)
def test_more_load_never_needs_fewer(rule: Scaling, one: Load, other: Load) -> None:
    both = Load(one.concurrency + other.concurrency, one.rate + other.rate, one.busy or other.busy)
    assert needed(rule, both) >= max(needed(rule, one), needed(rule, other))


@given(scalings(), st.lists(st.tuples(st.floats(0.01, 100), st.integers(0, 30)), max_size=50), st.floats(0, 5000))
def test_the_most_that_the_window_needed_is_wanted(rule: Scaling, steps: list[tuple[float, int]], later: float) -> None:
    """`remember` shortens the history to one entry for each size, and the answer stays the same."""
    now, history = 0.0, list[Need]()
    remembered: tuple[Need, ...] = ()
    for step, replicas in steps:
        now += step
        history.append(Need(now, replicas))
        remembered = remember(remembered, history[-1], rule.window)
    now += later
    of_window = [need.replicas for need in history if now - need.at < rule.window]
    assert wanted(rule, remembered, now) == rule.bounded(max(of_window, default=0))
    assert len(remembered) <= 31


@given(scalings(), st.lists(st.tuples(st.floats(0.01, 100), st.integers(0, 30)), min_size=1, max_size=20))
def test_nothing_scales_down_before_its_window_is_over(rule: Scaling, steps: list[tuple[float, int]]) -> None:
    now = 0.0
    needs: tuple[Need, ...] = ()
    for step, replicas in steps:
        now += step
        needs = remember(needs, Need(now, replicas), rule.window)
        peak = replicas
    assert wanted(rule, needs, now + rule.window * 0.99) >= rule.bounded(peak)
    assert wanted(rule, needs, now + rule.window * 1.01) == rule.least


@given(st.lists(st.tuples(st.floats(0, 10), st.floats(0.001, 10)), max_size=30))
def test_a_meter_adds_up_the_seconds_of_every_request(requests: list[tuple[float, float]]) -> None:
    meter = Meter()
    changes = sorted([(at, 0) for at, _ in requests] + [(at + took, 1) for at, took in requests])
    for at, kind in changes:
        (meter.end if kind else meter.begin)(at)
    load = load_between(Reading(0.0), meter.read(40.0))
    assert load.concurrency * 40 == pytest.approx(sum(took for _, took in requests), abs=1e-6)
    assert load.rate * 40 == pytest.approx(len(requests))
    assert load.busy == bool(requests)
    assert meter.under_way == 0


def test_a_request_that_is_under_way_all_the_time_is_load() -> None:
    meter = Meter()
    meter.begin(0)
    between = load_between(meter.read(100), meter.read(200))
    assert between == Load(concurrency=1.0, rate=0.0, busy=True)
    assert needed(Scaling(metric="rate", target=10), between) == 1


@pytest.mark.parametrize(
    ("rule", "load", "replicas"),
    [
        (Scaling(0, 5, "concurrency", 10), Load(0, 0, False), 0),
        (Scaling(0, 5, "concurrency", 10), Load(0.001, 1, True), 1),
        (Scaling(0, 5, "concurrency", 10), Load(10, 100, True), 1),
        (Scaling(0, 5, "concurrency", 10), Load(10.1, 100, True), 2),
        (Scaling(0, 5, "concurrency", 10), Load(1000, 1, True), 5),
        (Scaling(2, 5, "rate", 10), Load(1000, 1, True), 2),
        (Scaling(2, 5, "rate", 10), Load(1, 31, True), 4),
    ],
)
def test_known_needs(rule: Scaling, load: Load, replicas: int) -> None:
    assert needed(rule, load) == replicas


def test_what_is_not_declared_is_knatives_default_with_one_replica_at_most() -> None:
    assert scaling(AutoscalingConfig()) == Scaling(0, 1, "concurrency", 100, 60.0)


def test_a_declaration_is_read_and_an_impossible_maximum_is_made_possible() -> None:
    declared = AutoscalingConfig()
    declared.replicas.min, declared.replicas.max = 1, 4
    declared.scaling_metric.request_rate.target_value = 7
    declared.scaledown_period.FromTimedelta(timedelta(seconds=1.5))
    assert scaling(declared) == Scaling(1, 4, "rate", 7, 1.5)
    declared.replicas.min, declared.replicas.max = 3, 0
    assert scaling(declared).most == 3
