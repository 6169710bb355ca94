"""`Trigger`: when a task runs by itself, and with which inputs."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated, ClassVar, TypeAlias, TypedDict
from zoneinfo import ZoneInfo

from pydantic import Strict

from pulumi_flyte.arguments.declaration import Declaration, Property
from pulumi_flyte.arguments.refusal import Converted, Expected, refused, rule
from pulumi_flyte.arguments.values import AT_MOST, Flag, PlainText, Whole, between
from pulumi_flyte.notation import cron
from pulumi_flyte.notation.quantities import MOST_UNSIGNED
from pulumi_flyte.problems import Problem

PlainValue: TypeAlias = (
    "str | int | float | bool | date | timedelta | Sequence[PlainValue] | Mapping[str, PlainValue] | None"
)


def timezone_problem(name: str) -> str | None:
    """Return why a name cannot be a time zone, or None if it can."""
    try:
        ZoneInfo(name)
    except (OSError, ValueError, KeyError):
        return _ZONE
    return None


_ZONE = "not a time zone: write an IANA name, such as UTC or Europe/Berlin"
_INPUTS = "expected a mapping from the task's inputs to plain values"
_MINUTES = "expected a whole number of minutes, at least 1"


def _plain_mapping(value: object) -> object:
    # The values are checked against the task's interface.
    if not isinstance(value, Mapping):
        raise refused(Problem("", _INPUTS, value))
    return value


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Trigger(Declaration):
    """When a task runs by itself: by a cron expression or at a fixed interval."""

    expected: ClassVar[str] = 'expected a cron expression such as "0 2 * * *", or {"interval_minutes": 30}'
    shorthands: ClassVar[tuple[type, ...]] = (str, timedelta)

    cron: Annotated[
        str | None,
        Strict(),
        Expected("expected a cron expression as text, such as '0 2 * * *'"),
        rule(cron.problem),
        Property("A cron expression of five fields."),
    ] = None
    timezone: Annotated[
        str | None,
        Strict(),
        Expected(_ZONE),
        rule(timezone_problem),
        Property("The time zone of the cron expression, such as `Europe/Zurich`.", default="UTC"),
    ] = None
    interval_minutes: Annotated[
        Whole | None,
        Expected(_MINUTES),
        between(1, None, _MINUTES),
        between(0, MOST_UNSIGNED, AT_MOST),
        Property("A fixed interval in minutes."),
    ] = None
    inputs: Annotated[
        Mapping[str, PlainValue] | None,
        Converted(_plain_mapping),
        Property("The task's inputs, as plain values."),
    ] = None
    active: Annotated[Flag | None, Property("Whether it fires.", default=True)] = None
    description: Annotated[PlainText | None, Property("A short text.")] = None

    @classmethod
    def from_shorthand(cls, value: object) -> object:
        if isinstance(value, timedelta):
            return {"interval_minutes": value.total_seconds() / 60}
        return {"cron": value} if isinstance(value, str) else value

    def conflicts(self, keys: Collection[str]) -> Iterator[Problem]:
        if ("cron" in keys) == ("interval_minutes" in keys):
            yield Problem("", "give either cron or interval_minutes")


class TriggerDict(TypedDict, total=False):
    """`Trigger` as a mapping."""

    cron: str | None
    timezone: str | None
    interval_minutes: int | None
    inputs: Mapping[str, PlainValue] | None
    active: bool | None
    description: str | None
