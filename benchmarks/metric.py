"""A benchmark: a name, a bar, and rounds that measure two sides at the same time.

To add one, write a function in a module of this package that yields one `Pair` for each round, and decorate it:

    @metric("graph checks of 1,000 apps ÷ graphlib.TopologicalSorter", at_most=5)
    def graph(rounds: int) -> Iterator[Pair]:
        for _ in range(rounds):
            yield Pair(ours=seconds(check), baseline=seconds(sort))
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from statistics import median
from typing import NamedTuple

__all__ = ["METRICS", "Metric", "Pair", "Result", "Skip", "metric", "seconds"]


class Pair(NamedTuple):
    """The result of one round: both sides in the same unit. Use `1` as `baseline` for a plain number."""

    ours: float
    baseline: float


class Skip(Exception):
    """This machine cannot run the benchmark; the text says why."""


Rounds = Callable[[int], Iterator[Pair]]


@dataclass(frozen=True)
class Metric:
    """A benchmark. `at_most` or `at_least` is its bar. Without a bar, the number is only for comparison."""

    name: str
    rounds: Rounds
    at_most: float | None = None
    at_least: float | None = None


@dataclass(frozen=True)
class Result:
    """The ratios of a benchmark's rounds."""

    metric: Metric
    rounds: list[float] = field(default_factory=list)

    @property
    def ratio(self) -> float:
        return median(self.rounds)

    @property
    def ok(self) -> bool | None:
        """True if the bar is met, None if there is no bar."""
        if self.metric.at_most is not None:
            return self.ratio <= self.metric.at_most
        if self.metric.at_least is not None:
            return self.ratio >= self.metric.at_least
        return None


METRICS: list[Metric] = []


def metric(name: str, *, at_most: float | None = None, at_least: float | None = None) -> Callable[[Rounds], Rounds]:
    """Register a benchmark. Its function gets the number of rounds and yields as many pairs."""

    def register(rounds: Rounds) -> Rounds:
        METRICS.append(Metric(name, rounds, at_most, at_least))
        return rounds

    return register


def seconds(work: Callable[[], object]) -> float:
    """Return the seconds that one call of `work` takes."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started
