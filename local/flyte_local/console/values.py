"""Values and types of Flyte as text for people. Pure."""

from __future__ import annotations

import base64
import itertools
import json
from collections.abc import Callable, Mapping

import msgpack  # type: ignore[import-untyped]
from flyteidl2.core.literals_pb2 import Binary, Literal
from flyteidl2.core.types_pb2 import LiteralType, SimpleType
from google.protobuf.json_format import MessageToDict

from flyte_local.wire.literals import plain_value

_DEPTH = 20
_ITEMS = 100


def value_text(literal: Literal, mask: Callable[[str], str] = str) -> str:
    """Return a literal as text: plain for one value, JSON for several, the address for stored data.

    Each text in it goes through `mask` separately, before JSON escapes it.
    """
    value = _shown(plain_value(literal, _binary, _ITEMS + 1), mask, _DEPTH)
    if value is None:
        return "None"
    return value if isinstance(value, str) else json.dumps(value, indent=1, ensure_ascii=False, default=str)


def type_text(kind: LiteralType, depth: int = _DEPTH) -> str:
    """Return a type as Python would write it: `int`, `list[str]`, `File`, `Model` …"""
    which = kind.WhichOneof("type")
    if depth <= 0 or which is None:
        return "any"
    if which == "simple":
        name = _class_of(kind)
        return name or _SIMPLE.get(kind.simple, "any")
    if which == "collection_type":
        return f"list[{type_text(kind.collection_type, depth - 1)}]"
    if which == "map_value_type":
        return f"dict[str, {type_text(kind.map_value_type, depth - 1)}]"
    if which == "union_type":
        return " | ".join(type_text(each, depth - 1) for each in kind.union_type.variants)
    if which == "enum_type":
        return f"one of {', '.join(kind.enum_type.values)}"
    if which == "blob":
        return "Dir" if kind.blob.dimensionality else "File"
    return "DataFrame" if which in ("structured_dataset_type", "schema") else str(which)


def _class_of(kind: LiteralType) -> str:
    """Return the name that the SDK leaves in a structure's JSON schema."""
    if kind.simple != SimpleType.STRUCT:
        return ""
    title = MessageToDict(kind.metadata).get("title")
    return title if isinstance(title, str) else ""


_SIMPLE: Mapping[int, str] = {
    SimpleType.NONE: "None",
    SimpleType.INTEGER: "int",
    SimpleType.FLOAT: "float",
    SimpleType.STRING: "str",
    SimpleType.BOOLEAN: "bool",
    SimpleType.DATETIME: "datetime",
    SimpleType.DURATION: "timedelta",
    SimpleType.BINARY: "bytes",
    SimpleType.ERROR: "error",
    SimpleType.STRUCT: "dict",
}


def _binary(binary: Binary) -> object:
    content = binary.value
    if binary.tag == "msgpack":
        try:
            unpacked: object = msgpack.unpackb(content, strict_map_key=False)
            return unpacked
        except Exception:  # msgpack raises exceptions of many kinds for other data
            pass
    return f"{len(content)} bytes: {base64.b64encode(content[:48]).decode()}{'…' if len(content) > 48 else ''}"


def _shown(value: object, mask: Callable[[str], str], depth: int) -> object:
    """Return a value with its texts masked, and without what is too deep or too long for a page."""
    if isinstance(value, list | dict) and depth <= 0:
        return "…"
    if isinstance(value, list):
        items = [_shown(each, mask, depth - 1) for each in value[:_ITEMS]]
        return [*items, "…"] if len(value) > _ITEMS else items
    if isinstance(value, dict):
        entries = itertools.islice(value.items(), _ITEMS)
        return {mask(str(key)): _shown(each, mask, depth - 1) for key, each in entries}
    if isinstance(value, bytes):
        return mask(repr(value))
    return mask(value) if isinstance(value, str) else value
