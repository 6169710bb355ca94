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
    """Return `"list[int]"` as the protobuf JSON of a `LiteralType`."""
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


def typed_interface(inputs: Mapping[str, str] | None, outputs: Mapping[str, str] | None) -> dict[str, Any]:
    """Return the protobuf JSON of a `TypedInterface`, from the type of each variable by name."""
    sides = (("inputs", inputs), ("outputs", outputs))
    return {side: {"variables": _variables(variables)} for side, variables in sides if variables is not None}


def _variables(variables: Mapping[str, str]) -> list[dict[str, Any]]:
    # The names of the types have been checked.
    return [
        {"key": name, "value": {"type": literal_type(kind, name, Problems())}}
        for name, kind in sorted(variables.items())
    ]
