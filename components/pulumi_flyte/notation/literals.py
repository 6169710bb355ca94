"""Plain values as the protobuf JSON of Flyte's literals. Pure. Literals: flyteidl2 `core/literals.proto`."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta, timezone
from typing import Any

from pulumi_flyte.notation.quantities import MOST_SECONDS
from pulumi_flyte.problems import Problems

_LEAST_INTEGER, _MOST_INTEGER = -(2**63), 2**63 - 1


def literal(value: Any, kind: Mapping[str, Any] | None, path: str, problems: Problems) -> dict[str, Any]:
    """Return a trigger's plain input as the protobuf JSON of a `Literal`, checked against the task's interface.

    JSON fits wherever the type can be written in it: lists, mappings, null, ISO 8601 for times and durations, names
    for the members of an enum. A dataclass or a model is a problem that says so.
    """
    if kind is None:
        problems.add(path, "the task has no such input")
        return {}
    if not kind:  # of an unknown type, as has been said of the interface
        return {}
    if "unionType" in kind:
        return _union(value, kind["unionType"]["variants"], path, problems)
    if "collectionType" in kind and isinstance(value, (list, tuple)):
        literals = [literal(each, kind["collectionType"], f"{path}.{n}", problems) for n, each in enumerate(value)]
        return {"collection": {"literals": literals}}
    if "mapValueType" in kind and isinstance(value, Mapping) and all(isinstance(key, str) for key in value):
        entries = {key: literal(each, kind["mapValueType"], f"{path}.{key}", problems) for key, each in value.items()}
        return {"map": {"literals": entries}}
    primitive = _primitive(value, kind)
    if primitive is None:
        problems.add(path, f"a trigger gives plain values of the input's type, here {_expected(kind)}", value)
        return {}
    return {"scalar": primitive}


def _union(value: Any, variants: Sequence[Mapping[str, Any]], path: str, problems: Problems) -> dict[str, Any]:
    """Return the value as the first variant that accepts it."""
    for variant in variants:
        attempt = Problems()
        converted = literal(value, variant, path, attempt)
        if not attempt:
            return {"scalar": {"union": {"value": converted, "type": variant}}}
    expected = " or ".join(_expected(variant) for variant in variants)
    problems.add(path, f"a trigger gives plain values of the input's type, here {expected}", value)
    return {}


def _primitive(value: Any, kind: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the scalar of a simple type or an enum, or None for any other value."""
    simple = kind.get("simple")
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if simple == "NONE" and value is None:
        return {"noneType": {}}
    if simple == "BOOLEAN" and isinstance(value, bool):
        return {"primitive": {"boolean": value}}
    # The comparisons are False for NaN, and take an int that no float can hold.
    if simple == "INTEGER" and number and _LEAST_INTEGER <= value <= _MOST_INTEGER and int(value) == value:
        return {"primitive": {"integer": str(int(value))}}
    if simple == "FLOAT" and number and abs(value) <= sys.float_info.max:
        return {"primitive": {"floatValue": float(value)}}
    if simple == "STRING" and isinstance(value, str):
        return {"primitive": {"stringValue": value}}
    if simple == "DATETIME" and isinstance(value, (str, date)):
        moment = _moment(value)
        return None if moment is None else {"primitive": {"datetime": moment}}
    if simple == "DURATION" and (number or isinstance(value, timedelta)):
        seconds = value.total_seconds() if isinstance(value, timedelta) else value
        return (
            None
            if not abs(seconds) <= MOST_SECONDS
            else {"primitive": {"duration": f"{seconds:.9f}".rstrip("0").rstrip(".") + "s"}}
        )
    if "enumType" in kind and value in kind["enumType"].get("values", ()):
        return {"primitive": {"stringValue": value}}
    return None


def _moment(value: str | date) -> str | None:
    """Return a time as RFC 3339 in UTC; one without a zone is in UTC."""
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(re.sub("[zZ]$", "+00:00", value))
        except ValueError:
            return None
    moment = value if isinstance(value, datetime) else datetime.combine(value, time())
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=timezone.utc)
    try:
        return moment.astimezone(timezone.utc).isoformat().replace("+00:00", "Z")
    except OverflowError:  # before the year 1 or after 9999
        return None


def _expected(kind: Mapping[str, Any]) -> str:
    if "enumType" in kind:
        return f"one of {', '.join(kind['enumType'].get('values', ()))}"
    if "collectionType" in kind:
        return "a list"
    if "mapValueType" in kind:
        return "a mapping from text"
    examples = {"DATETIME": "a time such as 2026-01-02T03:04:05Z", "DURATION": "seconds", "NONE": "null"}
    simple = str(kind.get("simple") or "")
    return examples.get(simple, simple if simple and simple != "STRUCT" else "a structured one, which no trigger gives")
