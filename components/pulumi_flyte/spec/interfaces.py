"""A container task's interface, from type names to Flyte's. Pure. Types: flyteidl2 `core/types.proto`."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta, timezone
from typing import Any

from pulumi_flyte.problems import Problems, nearest

_SIMPLE = {
    "int": "INTEGER",
    "float": "FLOAT",
    "str": "STRING",
    "bool": "BOOLEAN",
    "datetime": "DATETIME",
    "timedelta": "DURATION",
}
_KNOWN = (*_SIMPLE, "file", "dir", "list[…]", "dict[str, …]")
_COLLECTION = re.compile(r"(?:list\[(?P<item>.+)\]|dict\[str, ?(?P<value>.+)\])")


def literal_type(text: Any, path: str, problems: Problems) -> dict[str, Any]:
    """`"list[int]"` as the protobuf JSON of a `LiteralType`."""
    if isinstance(text, str):
        if text in _SIMPLE:
            return {"simple": _SIMPLE[text]}
        if text in ("file", "dir"):
            return {"blob": {"dimensionality": "MULTIPART"} if text == "dir" else {}}
        match = _COLLECTION.fullmatch(text)
        if match and match["item"]:
            return {"collectionType": literal_type(match["item"], path, problems)}
        if match:
            return {"mapValueType": literal_type(match["value"], path, problems)}
    problems.add(path, f"unknown type{nearest(str(text), _KNOWN)}", text)
    return {}


def typed_interface(given: Any, problems: Problems) -> dict[str, Any]:
    """`{"inputs": {"text": "str"}, "outputs": {"count": "int"}}` as the protobuf JSON of a `TypedInterface`."""
    if not isinstance(given, Mapping):
        problems.add("interface", 'a mapping such as {"inputs": {"text": "str"}, "outputs": {"count": "int"}}', given)
        return {}
    interface = {}
    for side, variables in given.items():
        if side not in ("inputs", "outputs"):
            problems.add(f"interface.{side}", f"unknown part{nearest(str(side), ['inputs', 'outputs'])}")
        elif not isinstance(variables, Mapping):
            problems.add(f"interface.{side}", "a mapping from name to type", variables)
        else:
            interface[side] = {
                "variables": [
                    {"key": name, "value": {"type": literal_type(kind, f"interface.{side}.{name}", problems)}}
                    for name, kind in sorted(variables.items())
                ]
            }
    return interface


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
    if "mapValueType" in kind and isinstance(value, Mapping):
        named = {key: literal(each, kind["mapValueType"], f"{path}.{key}", problems) for key, each in value.items()}
        return {"map": {"literals": named}}
    primitive = _primitive(value, kind)
    if primitive is None:
        problems.add(path, f"a trigger gives plain values of the input's type, here {_expected(kind)}", value)
        return {}
    return {"scalar": primitive}


def _union(value: Any, variants: Sequence[Mapping[str, Any]], path: str, problems: Problems) -> dict[str, Any]:
    """The first variant that takes the value."""
    for variant in variants:
        attempt = Problems()
        taken = literal(value, variant, path, attempt)
        if not attempt:
            return {"scalar": {"union": {"value": taken, "type": variant}}}
    expected = " or ".join(_expected(variant) for variant in variants)
    problems.add(path, f"a trigger gives plain values of the input's type, here {expected}", value)
    return {}


def _primitive(value: Any, kind: Mapping[str, Any]) -> dict[str, Any] | None:
    """The scalar of a simple type or an enum; None for a value that is none."""
    simple = kind.get("simple")
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if simple == "NONE" and value is None:
        return {"noneType": {}}
    if simple == "BOOLEAN" and isinstance(value, bool):
        return {"primitive": {"boolean": value}}
    if simple == "INTEGER" and number and math.isfinite(value) and int(value) == value:
        return {"primitive": {"integer": str(int(value))}}
    if simple == "FLOAT" and number:
        return {"primitive": {"floatValue": float(value)}}
    if simple == "STRING" and isinstance(value, str):
        return {"primitive": {"stringValue": value}}
    if simple == "DATETIME" and isinstance(value, (str, date)):
        moment = _moment(value)
        return None if moment is None else {"primitive": {"datetime": moment}}
    if simple == "DURATION" and (number or isinstance(value, timedelta)):
        seconds = value.total_seconds() if isinstance(value, timedelta) else value
        return {"primitive": {"duration": f"{seconds:.9f}".rstrip("0").rstrip(".") + "s"}}
    if "enumType" in kind and value in kind["enumType"].get("values", ()):
        return {"primitive": {"stringValue": value}}
    return None


def _moment(value: str | date) -> str | None:
    """A time as RFC 3339 in UTC; one without a zone is in UTC."""
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(re.sub("[zZ]$", "+00:00", value))
        except ValueError:
            return None
    moment = value if isinstance(value, datetime) else datetime.combine(value, time())
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=timezone.utc)
    return moment.astimezone(timezone.utc).isoformat().replace("+00:00", "Z")


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
