"""Flyte's literals as values that JSON has."""

from __future__ import annotations

from collections.abc import Callable

from flyteidl2.core.literals_pb2 import Binary, Literal, Primitive, Scalar
from google.protobuf.json_format import MessageToDict


def plain_value(literal: Literal, read_binary: Callable[[Binary], object], most: int | None = None) -> object:
    """Return a literal as a plain value: stored data by its address, times and durations as text, None for nothing.

    Of each collection and each map, `most` entries are read at most.
    """
    which = literal.WhichOneof("value")
    if which == "collection":
        return [plain_value(each, read_binary, most) for each in literal.collection.literals[:most]]
    if which == "map":
        entries = sorted(literal.map.literals.items())[:most]
        return {key: plain_value(value, read_binary, most) for key, value in entries}
    if which == "offloaded_metadata":
        return str(literal.offloaded_metadata.uri)
    return _scalar(literal.scalar, read_binary, most) if which == "scalar" else None


def _scalar(scalar: Scalar, read_binary: Callable[[Binary], object], most: int | None) -> object:
    which = scalar.WhichOneof("value")
    if which == "primitive":
        return _primitive(scalar.primitive)
    if which in ("blob", "structured_dataset", "schema"):
        return str(getattr(scalar, which).uri)
    if which == "union":
        return plain_value(scalar.union.value, read_binary, most)
    if which == "generic":
        return MessageToDict(scalar.generic)
    if which == "binary":
        return read_binary(scalar.binary)
    return str(scalar.error.message) if which == "error" else None


def _primitive(primitive: Primitive) -> object:
    which = primitive.WhichOneof("value")
    if which is None:
        return None
    value = getattr(primitive, which)
    return value.ToJsonString() if which in ("datetime", "duration") else value
