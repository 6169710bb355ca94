"""`Scaling`: how many replicas an app runs. Source of the rules: flyte-sdk `app/_types.py`."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, ClassVar, TypeAlias, TypedDict

from pulumi_flyte.arguments.declaration import Declaration, Property
from pulumi_flyte.arguments.refusal import Converted, Expected, refused
from pulumi_flyte.arguments.values import AT_MOST, Seconds, Whole, between
from pulumi_flyte.notation.quantities import MOST_UNSIGNED, whole
from pulumi_flyte.problems import Problem

Replicas: TypeAlias = int | tuple[int, int]

_TARGET = "expected a whole number of at least 1"
Target = Annotated[Whole, Expected(_TARGET), between(1, None, _TARGET), between(0, MOST_UNSIGNED, AT_MOST)]


def metric_problem(concurrency: object, request_rate: object, other: str = "request_rate") -> str | None:
    """Return why an app cannot scale on both metrics, if both are given. `other` is how the second one is spelled."""
    if concurrency is None or request_rate is None:
        return None
    return f"scales on one metric: give concurrency or {other}, not both"


def replicas(value: object) -> object:
    """Return a number of replicas, or the least and the greatest. Raises for anything else."""
    pair = value if isinstance(value, (list, tuple)) else (value, value)
    numbers = tuple(whole(part) for part in pair)
    right = len(numbers) == 2 and all(isinstance(n, int) and not isinstance(n, bool) and n >= 0 for n in numbers)
    if not right or numbers[1] < 1 or numbers[0] > numbers[1]:
        raise refused(
            Problem(
                "",
                "replicas are a number, or a pair (least, most) with 0 <= least <= most and most >= 1",
                value,
            )
        )
    if numbers[1] > MOST_UNSIGNED:
        raise refused(Problem("", AT_MOST, value))
    return numbers if pair is value else numbers[0]


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Scaling(Declaration):
    """The number of replicas of an app, and the load at which another one starts."""

    expected: ClassVar[str] = 'expected a mapping such as {"replicas": (0, 3), "concurrency": 10}'
    key_noun: ClassVar[str] = "scaling setting"

    replicas: Annotated[
        Replicas | None, Converted(replicas), Property("How many; or the least and the greatest number.")
    ] = None
    concurrency: Annotated[Target | None, Property("Requests at a time for each replica.")] = None
    request_rate: Annotated[Target | None, Property("Requests a second for each replica.")] = None
    scaledown_after: Annotated[Seconds | None, Property("Seconds without load after which a replica is removed.")] = (
        None
    )

    def conflicts(self, keys: Collection[str]) -> Iterator[Problem]:
        reason = metric_problem(self.concurrency, self.request_rate)
        if reason is not None:
            yield Problem("", reason)

    @property
    def bounds(self) -> tuple[int, int] | None:
        """The least and the greatest number of replicas, if they are given."""
        if self.replicas is None or isinstance(self.replicas, tuple):
            return self.replicas
        return self.replicas, self.replicas


class ScalingDict(TypedDict, total=False):
    """`Scaling` as a mapping."""

    replicas: Replicas | None
    concurrency: int | None
    request_rate: int | None
    scaledown_after: float | timedelta | None
