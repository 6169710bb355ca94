"""A container task's interface, from type names to Flyte's. Pure. Types: flyteidl2 `core/types.proto`."""

from __future__ import annotations

import re
from collections.abc import Mapping
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
