"""Cron expressions as Flyte reads them. Pure.

Flyte OSS parses with robfig/cron `ParseStandard` (flyteorg/flyte `runs/schedule`), which knows less than croniter:
Sunday is 0 only, a range does not wrap around, and there are no `L`, `#` and `R`.
"""

from __future__ import annotations

import re

_FIELDS = ("minute", "hour", "day", "month", "weekday")
_ITEM = re.compile(r"(?:\*|\?|([0-9]+|[a-z]{3})(?:-([0-9]+|[a-z]{3}))?)(?:/[0-9]+)?", re.IGNORECASE)
_EVERY = re.compile(r"@every (?:[0-9]+(?:\.[0-9]+)?(?:h|m|s|ms))+")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")


def problem(text: str) -> str | None:
    """Return why Flyte would refuse the expression or never fire. Return None for a valid one, such as `@daily`."""
    fields = text.split()
    if len(fields) != len(_FIELDS) and not text.startswith("@"):
        return "a cron expression has five fields (minute hour day month weekday), such as '0 2 * * *'"
    if text.startswith("@every"):
        return None if _EVERY.fullmatch(text) else "'@every' is followed by a duration, such as '@every 1h30m'"
    from croniter import croniter  # Most programs have no trigger.
    from croniter.croniter import CroniterBadDateError

    if not croniter.is_valid(text):
        return "not a cron expression; an example is '0 2 * * *' (every day at 02:00)"
    if not text.startswith("@"):
        for field, what in zip(fields, _FIELDS, strict=True):
            reason = _field_problem(field, what)
            if reason is not None:
                return reason
    try:
        croniter(text).get_next()
    except CroniterBadDateError:
        return "it never fires: its months never have the day that it names (such as 31 February)"
    return None


def _field_problem(field: str, what: str) -> str | None:
    for item in field.split(","):
        match = _ITEM.fullmatch(item)
        if match is None:
            return f"Flyte does not know {item!r} as a {what}: it takes numbers, names, ranges, lists and steps"
        first, last = (_number(part, what) for part in match.groups())
        if what == "weekday" and 7 in (first, last):
            return "Flyte's weekdays go from 0 (Sunday) to 6 (Saturday), so write 0 for 7"
        if first is not None and last is not None and first > last:
            return f"Flyte takes no range that wraps around, such as {item!r}: write two, with a comma"
    return None


def _number(part: str | None, what: str) -> int | None:
    if part is None:
        return None
    if part.isdigit():
        return int(part)
    words = _MONTHS if what == "month" else _DAYS
    return words.index(part.lower()) if part.lower() in words else 0
