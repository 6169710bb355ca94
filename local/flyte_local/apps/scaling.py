"""Decides the number of replicas of an app, from its declaration and its load. Pure.

The rule is Flyte's own: one replica more as soon as the load of each exceeds the target, and one less once a replica
has not been needed for the scale-down window. The number is therefore the most that was needed at any moment of the
window that ends now. A request that is under way, such as an open WebSocket or a streaming response, needs at least one
replica.

Undeclared values are Knative's defaults, as on Flyte (its `config-autoscaler`: window 60 s, target 100 concurrent
requests). The maximum is an exception: unlimited there, one replica here.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from flyteidl2.app.app_definition_pb2 import AutoscalingConfig

DEFAULT_WINDOW = 60.0
DEFAULT_TARGET = 100
_ROUNDING = 1e-9


@dataclass(frozen=True)
class Scaling:
    """The declared bounds, and the metric that drives the number of replicas between them.

    `target` is the load that one replica takes: requests at once ("concurrency") or a second ("rate"). `window` is in
    seconds.
    """

    least: int = 0
    most: int = 1
    metric: Literal["concurrency", "rate"] = "concurrency"
    target: int = DEFAULT_TARGET
    window: float = DEFAULT_WINDOW

    @property
    def fixed(self) -> bool:
        """True if the number of replicas cannot change."""
        return self.least == self.most

    def bounded(self, replicas: int) -> int:
        """Return the nearest number that is allowed."""
        return min(max(replicas, self.least), self.most)


@dataclass(frozen=True)
class Reading:
    """The state of a meter at one moment: the requests that have begun, and the seconds that requests have spent."""

    at: float
    begun: int = 0
    spent: float = 0.0
    under_way: int = 0


@dataclass(frozen=True)
class Load:
    """Between two readings: requests at once (averaged over time), requests a second, and whether there were any."""

    concurrency: float
    rate: float
    busy: bool


@dataclass(frozen=True)
class Need:
    """The number of replicas that was needed at a moment."""

    at: float
    replicas: int


class Meter:
    """Counts the requests of one app, including those that wait for its start.

    The caller gives the time, in seconds.
    """

    def __init__(self) -> None:
        self.under_way = 0
        self._begun = 0
        self._spent = 0.0
        self._at = 0.0

    def begin(self, now: float) -> None:
        """Count a request that arrives."""
        self._spent += self.under_way * (now - self._at)
        self._at = now
        self._begun += 1
        self.under_way += 1

    def end(self, now: float) -> None:
        """Count a request that was answered, or that the client has given up."""
        self._spent += self.under_way * (now - self._at)
        self._at = now
        self.under_way -= 1

    def read(self, now: float) -> Reading:
        """Return the state of the meter."""
        return Reading(now, self._begun, self._spent + self.under_way * (now - self._at), self.under_way)


def scaling(declared: AutoscalingConfig) -> Scaling:
    """Read a declaration; a maximum of zero means one, and one below the minimum is the minimum."""
    least = declared.replicas.min
    metric = declared.scaling_metric
    by_rate = metric.WhichOneof("metric") == "request_rate"
    target = metric.request_rate.target_value if by_rate else metric.concurrency.target_value
    window = declared.scaledown_period.ToTimedelta().total_seconds()
    return Scaling(
        least=least,
        most=max(declared.replicas.max, least, 1),
        metric="rate" if by_rate else "concurrency",
        target=target or DEFAULT_TARGET,
        window=window if window > 0 else DEFAULT_WINDOW,
    )


def load_between(before: Reading, after: Reading) -> Load:
    """Return the load of the time between two readings of one meter."""
    seconds = after.at - before.at
    begun = after.begun - before.begun
    busy = begun > 0 or after.under_way > 0
    if seconds <= 0:
        return Load(float(after.under_way), 0.0, busy)
    return Load((after.spent - before.spent) / seconds, begun / seconds, busy)


def needed(scaling: Scaling, load: Load) -> int:
    """Return replicas that a load needs, within the bounds."""
    amount = load.rate if scaling.metric == "rate" else load.concurrency
    least = int(load.busy or amount > 0)
    return scaling.bounded(max(least, math.ceil(amount / scaling.target - _ROUNDING)))


def remember(needs: tuple[Need, ...], new: Need, window: float) -> tuple[Need, ...]:
    """Return the needs that can still be the largest of a window that ends at `new` or later; no more than there are
    sizes.
    """
    relevant = (need for need in needs if need.replicas > new.replicas and new.at - need.at < window)
    return (*relevant, new)


def wanted(scaling: Scaling, needs: tuple[Need, ...], now: float) -> int:
    """Return the most that was needed at any moment of the window that ends now."""
    return scaling.bounded(max((need.replicas for need in needs if now - need.at < scaling.window), default=0))
