"""Computes when a trigger fires next, for cron expressions in a time zone and for fixed rates. Pure.

Flyte reads cron with robfig/cron's ParseStandard: five fields or a descriptor (`@daily`, `@every 90m`), optionally
after `CRON_TZ=Zone` or `TZ=Zone`. A local time that comes twice (clocks go back) fires twice, as there. A local time
that a clock change skips fires at the change; robfig/cron leaves that day out.
"""

from __future__ import annotations

import math
import re
from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

from croniter import croniter
from flyteidl2.task.common_pb2 import FIXED_RATE_UNIT_DAY, FIXED_RATE_UNIT_HOUR, FixedRate, Schedule

_SECONDS = {FIXED_RATE_UNIT_HOUR: 3600, FIXED_RATE_UNIT_DAY: 86400}
_DESCRIPTOR = re.compile(r"@(yearly|annually|monthly|weekly|daily|midnight|hourly)")
_EVERY = re.compile(r"@every\s+((?:\d+(?:\.\d+)?(?:h|m|s|ms))+)")
_UNITS = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 0.001}
_FIELD = re.compile(r"[0-9A-Za-z*/,?-]+")


class ScheduleError(ValueError):
    """A schedule that is invalid."""


def next_fire(schedule: Schedule, after: datetime, anchor: datetime) -> datetime | None:
    """Return the first moment after `after`, in UTC, or None if it never fires again. Raises ScheduleError.

    `anchor` is the beginning of a fixed rate without a start time.
    """
    kind = schedule.WhichOneof("expression")
    if kind == "rate":
        start = schedule.rate.start_time
        begin = start.ToDatetime(timezone.utc) if schedule.rate.HasField("start_time") else anchor
        return _next_tick(begin, rate_seconds(schedule.rate), after)
    if kind == "cron":
        return _next_cron(schedule.cron.expression, schedule.cron.timezone, after, anchor)
    if kind == "cron_expression":
        return _next_cron(schedule.cron_expression, "", after, anchor)
    raise ScheduleError("the schedule has neither a cron expression nor a rate")


def missed_fires(schedule: Schedule, since: datetime, now: datetime, anchor: datetime, limit: int) -> list[datetime]:
    """Return the first `limit` moments after `since` and not after `now`, in UTC, oldest first.

    Raises ScheduleError.
    """
    moments: list[datetime] = []
    while len(moments) < limit:
        moment = next_fire(schedule, moments[-1] if moments else since, anchor)
        if moment is None or moment > now:
            break
        moments.append(moment)
    return moments


def rate_seconds(rate: FixedRate) -> int:
    """Return the interval of a fixed rate."""
    if rate.value < 1:
        raise ScheduleError("a fixed rate needs an interval of at least 1")
    return int(rate.value) * _SECONDS.get(rate.unit, 60)


def _next_tick(begin: datetime, interval: float, after: datetime) -> datetime | None:
    if after < begin:
        return begin
    passed = (after - begin).total_seconds()
    try:
        return begin + timedelta(seconds=interval * (math.floor(passed / interval) + 1))
    except OverflowError:
        return None  # beyond the year 9999


def _next_cron(expression: str, zone_name: str, after: datetime, anchor: datetime) -> datetime | None:
    text = expression.strip()
    if text.startswith(("CRON_TZ=", "TZ=")):
        zone_name, _, text = text.partition("=")[2].partition(" ")
        text = text.strip()
    if every := _EVERY.fullmatch(text):
        interval = sum(float(n) * _UNITS[unit] for n, unit in re.findall(r"(\d+(?:\.\d+)?)(ms|h|m|s)", every[1]))
        return _next_tick(anchor, max(1.0, interval), after)
    fields = text.replace("?", "*").split()
    has_five_fields = len(fields) == 5 and all(_FIELD.fullmatch(field) for field in fields)
    if not has_five_fields and not _DESCRIPTOR.fullmatch(text):
        raise ScheduleError(f"{expression!r} is not a cron expression: it has five fields, for example '0 2 * * *'")
    try:
        zone = ZoneInfo(zone_name or "UTC")
    except (KeyError, ValueError, OSError) as error:
        raise ScheduleError(f"{zone_name!r} is not a time zone: use an IANA name such as 'Europe/Berlin'") from error
    try:
        iterator = croniter(" ".join(fields), after.astimezone(zone))
    except (ValueError, KeyError) as error:
        raise ScheduleError(f"{expression!r} is not a cron expression: {error}") from error
    try:
        moment: datetime = iterator.get_next(datetime)
    except (ValueError, KeyError):
        return None  # no such day within croniter's horizon, such as 31 February
    return moment.astimezone(timezone.utc)
