"""What a benchmark is: a name, a bar, and rounds that measure both sides next to each other.

To add one, write a function in a module of this package that yields one `Pair` for each round, and decorate it:

    @metric("graph checks of 1,000 apps ÷ graphlib.TopologicalSorter", at_most=5)
    def graph(rounds: int) -> Iterator[Pair]:
        for _ in range(rounds):
            yield Pair(ours=seconds(check), theirs=seconds(sort))
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from statistics import median
from typing import NamedTuple

__all__ = ["METRICS", "Metric", "Pair", "Result", "Skip", "metric", "seconds"]


class Pair(NamedTuple):
    """One round: both sides in the same unit, measured in the same seconds. `1` as `theirs` for a plain number."""

    ours: float
    theirs: float


class Skip(Exception):
    """This machine cannot run the benchmark; the text says why."""


Rounds = Callable[[int], Iterator[Pair]]


@dataclass(frozen=True)
class Metric:
    """`at_most` or `at_least` is the bar; without either the number is for comparison only."""

    name: str
    rounds: Rounds
    at_most: float | None = None
    at_least: float | None = None


@dataclass(frozen=True)
class Result:
    """The median of the rounds' ratios."""

    metric: Metric
    rounds: list[float] = field(default_factory=list)

    @property
    def ratio(self) -> float:
        return median(self.rounds)

    @property
    def ok(self) -> bool | None:
        """Whether the bar is met; None without one."""
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
    """How long it takes once."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started
