"""Values and types of Flyte as text for people. Pure."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping

import msgpack  # type: ignore[import-untyped]
from flyteidl2.core.literals_pb2 import Literal, Primitive, Scalar
from flyteidl2.core.types_pb2 import LiteralType, SimpleType
from google.protobuf.json_format import MessageToDict

_DEPTH = 20
_ITEMS = 100


def value_text(literal: Literal, mask: Callable[[str], str] = str) -> str:
    """Return a literal as text: plain for one value, JSON for several, the address for stored data.

    Each text in it goes through `mask` separately, before JSON escapes it.
    """
    value = _masked(_plain(literal, _DEPTH), mask)
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


def _plain(literal: Literal, depth: int) -> object:
    if depth <= 0:
        return "…"
    which = literal.WhichOneof("value")
    if which == "scalar":
        return _scalar(literal.scalar, depth)
    if which == "collection":
        return _cut([_plain(each, depth - 1) for each in literal.collection.literals[: _ITEMS + 1]])
    if which == "map":
        return {key: _plain(value, depth - 1) for key, value in sorted(literal.map.literals.items())[:_ITEMS]}
    if which == "offloaded_metadata":
        return str(literal.offloaded_metadata.uri)
    return "None"


def _scalar(scalar: Scalar, depth: int) -> object:
    which = scalar.WhichOneof("value")
    if which == "primitive":
        return _primitive(scalar.primitive)
    if which in ("blob", "structured_dataset", "schema"):
        return str(getattr(scalar, which).uri)
    if which == "union":
        return _plain(scalar.union.value, depth - 1)
    if which == "generic":
        return MessageToDict(scalar.generic)
    if which == "binary":
        return _binary(scalar.binary.tag, scalar.binary.value)
    if which == "error":
        return str(scalar.error.message)
    return "None"


def _primitive(primitive: Primitive) -> object:
    which = primitive.WhichOneof("value")
    if which == "datetime":
        return primitive.datetime.ToJsonString()
    if which == "duration":
        return primitive.duration.ToJsonString()
    return getattr(primitive, which) if which else "None"


def _binary(tag: str, content: bytes) -> object:
    if tag == "msgpack":
        try:
            unpacked: object = msgpack.unpackb(content, strict_map_key=False)
            return unpacked
        except Exception:  # msgpack raises exceptions of many kinds for other data
            pass
    return f"{len(content)} bytes: {base64.b64encode(content[:48]).decode()}{'…' if len(content) > 48 else ''}"


def _masked(value: object, mask: Callable[[str], str]) -> object:
    if isinstance(value, str):
        return mask(value)
    if isinstance(value, list):
        return [_masked(each, mask) for each in value]
    if isinstance(value, dict):
        return {mask(str(key)): _masked(each, mask) for key, each in value.items()}
    return value


def _cut(items: list[object]) -> list[object]:
    return [*items[:_ITEMS], "…"] if len(items) > _ITEMS else items
