"""Triggers as people write them, as the properties of `flyte:api:Trigger`. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from pulumi_flyte.naming.casing import camel
from pulumi_flyte.notation import cron
from pulumi_flyte.notation.literals import literal
from pulumi_flyte.notation.quantities import whole
from pulumi_flyte.problems import Problems, nearest

_KEYS = ("cron", "timezone", "interval_minutes", "inputs", "active", "description")


def trigger(name: str, given: Any, interface: Mapping[str, Any], problems: Problems) -> dict[str, Any]:
    """One trigger; `interface` maps the task's inputs to their types."""
    path = f"triggers.{name}"
    if isinstance(given, str):
        given = {"cron": given}
    elif isinstance(given, timedelta):
        given = {"interval_minutes": given.total_seconds() / 60}
    if not isinstance(given, Mapping):
        problems.add(path, 'a cron expression such as "0 2 * * *", or {"interval_minutes": 30}', given)
        return {}
    settings = {next((key for key in _KEYS if camel(key) == k), k): whole(v) for k, v in given.items()}
    for key in settings:
        if key not in _KEYS:
            problems.add(f"{path}.{key}", f"unknown setting{nearest(str(key), _KEYS)}")
    if ("cron" in settings) == ("interval_minutes" in settings):
        problems.add(path, "give either cron or interval_minutes")
    expression, zone = settings.get("cron"), settings.get("timezone")
    if expression is not None:
        problems.add(f"{path}.cron", _cron_problem(expression), expression)
    if zone is not None:
        problems.add(f"{path}.timezone", _zone_problem(zone), zone)
    minutes = settings.get("interval_minutes")
    if minutes is not None and (isinstance(minutes, bool) or not isinstance(minutes, int) or minutes < 1):
        problems.add(f"{path}.interval_minutes", "a whole number of minutes, at least 1", minutes)
    inputs = settings.pop("inputs", None) or {}
    if not isinstance(inputs, Mapping):
        problems.add(f"{path}.inputs", "a mapping from the task's inputs to plain values", inputs)
        inputs = {}
    settings["inputs"] = [
        {"name": key, "value": literal(value, interface.get(key), f"{path}.inputs.{key}", problems)}
        for key, value in sorted(inputs.items())
    ] or None
    return {"name": name, **{key: value for key, value in settings.items() if key in _KEYS and value is not None}}


def _cron_problem(expression: Any) -> str | None:
    return cron.problem(expression) if isinstance(expression, str) else "a cron expression is text, such as '0 2 * * *'"


def _zone_problem(zone: Any) -> str | None:
    try:
        ZoneInfo(zone)
    except (OSError, ValueError, TypeError, KeyError):
        return "not a time zone of the IANA database, such as Europe/Zurich"
    return None
