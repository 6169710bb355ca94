"""Values and types as text."""

from __future__ import annotations

import json

import msgpack  # type: ignore[import-untyped]
import pytest
from flyte_local.console.values import type_text, value_text
from flyteidl2.core import literals_pb2 as lit
from flyteidl2.core.types_pb2 import BlobType, EnumType, LiteralType, SimpleType, StructuredDatasetType, UnionType
from hypothesis import given
from hypothesis import strategies as st


def scalar(**which: object) -> lit.Literal:
    return lit.Literal(scalar=lit.Scalar(**which))


def text(value: str) -> lit.Literal:
    return scalar(primitive=lit.Primitive(string_value=value))


def packed(value: object) -> lit.Literal:
    return scalar(binary=lit.Binary(tag="msgpack", value=msgpack.packb(value)))


@pytest.mark.parametrize(
    ("literal", "expected"),
    [
        (text("plain <b>"), "plain <b>"),
        (scalar(primitive=lit.Primitive(integer=7)), "7"),
        (scalar(primitive=lit.Primitive(boolean=True)), "true"),
        (scalar(primitive=lit.Primitive()), "None"),
        (scalar(none_type=lit.Void()), "None"),
        (scalar(blob=lit.Blob(uri="/a/file")), "/a/file"),
        (scalar(structured_dataset=lit.StructuredDataset(uri="/a/frame")), "/a/frame"),
        (scalar(union=lit.Union(value=text("inner"))), "inner"),
        (scalar(binary=lit.Binary(value=b"\x00\x01")), "2 bytes: AAE="),
        (scalar(binary=lit.Binary(tag="msgpack", value=b"\xc1")), "1 bytes: wQ=="),
        (packed({"a": [1, None], 3: "ü"}), '{\n "a": [\n  1,\n  null\n ],\n "3": "ü"\n}'),
        (lit.Literal(collection=lit.LiteralCollection(literals=[text("x")])), '[\n "x"\n]'),
        (lit.Literal(map=lit.LiteralMap(literals={"k": text("v")})), '{\n "k": "v"\n}'),
        (lit.Literal(collection=lit.LiteralCollection(literals=[scalar(none_type=lit.Void())])), "[\n null\n]"),
        (lit.Literal(offloaded_metadata=lit.LiteralOffloadedMetadata(uri="/big")), "/big"),
        (lit.Literal(), "None"),
    ],
)
def test_values(literal: lit.Literal, expected: str) -> None:
    assert value_text(literal) == expected


def test_secrets_are_masked_before_json_spells_them_differently() -> None:
    quoted = 'with "quotes"\nand lines'
    shown = value_text(packed({"a": f"it is {quoted}", quoted: 1}), lambda text: text.replace(quoted, "***"))
    assert json.loads(shown) == {"a": "it is ***", "***": 1}


def test_long_and_deep_values_are_cut() -> None:
    many = lit.Literal(collection=lit.LiteralCollection(literals=[text("x")] * 1000))
    assert len(json.loads(value_text(many))) == 101
    assert len(json.loads(value_text(packed(list(range(1000)))))) == 101
    deep = text("bottom")
    for _ in range(30):
        deep = lit.Literal(collection=lit.LiteralCollection(literals=[deep]))
    assert "bottom" not in value_text(deep)


@given(st.binary(max_size=200), st.sampled_from(["", "msgpack", "other"]))
def test_no_bytes_break_a_page(content: bytes, tag: str) -> None:
    assert isinstance(value_text(scalar(binary=lit.Binary(tag=tag, value=content))), str)


@given(st.binary(max_size=200))
def test_no_literal_breaks_a_page(content: bytes) -> None:
    try:
        literal = lit.Literal.FromString(content)
    except Exception:
        return
    assert isinstance(value_text(literal), str)


def simple(kind: int) -> LiteralType:
    return LiteralType(simple=kind)


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (simple(SimpleType.INTEGER), "int"),
        (LiteralType(collection_type=simple(SimpleType.STRING)), "list[str]"),
        (LiteralType(map_value_type=simple(SimpleType.FLOAT)), "dict[str, float]"),
        (LiteralType(blob=BlobType()), "File"),
        (LiteralType(blob=BlobType(dimensionality=BlobType.MULTIPART)), "Dir"),
        (LiteralType(structured_dataset_type=StructuredDatasetType()), "DataFrame"),
        (LiteralType(enum_type=EnumType(values=["a", "b"])), "one of a, b"),
        (LiteralType(union_type=UnionType(variants=[simple(3), simple(0)])), "str | None"),
        (LiteralType(), "any"),
    ],
)
def test_types(kind: LiteralType, expected: str) -> None:
    assert type_text(kind) == expected
