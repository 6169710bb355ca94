"""Calls that are compared with the API of a callee before and after, case by case."""

from __future__ import annotations

from typing import Any

import pytest
from pulumi_flyte_review.contracts.api import Api
from pulumi_flyte_review.contracts.calls import Apis
from pulumi_flyte_review.contracts.usage import Usage

Json = dict[str, Any]


def problems(call: Json, old: Json, new: Json, *, schemas: tuple[Json, Json] = ({}, {})) -> list[tuple[str, bool]]:
    """Return the problems of a call, and whether each is certain. old, new: the operations of the API."""
    apis = Apis(
        *(Api.parse({"operations": ops, "schemas": named}) for ops, named in zip((old, new), schemas, strict=True))
    )
    [parsed] = Usage.parse([{"at": "a.py:1", "app": "x", "method": "GET", "path": "/x", **call}]).calls
    return [(each.problem.text, each.problem.is_certain) for each in apis.problems(parsed)]


def query(schema: Json, name: str = "q") -> Json:
    return {"GET /x": {"parameters": {f"query {name}": schema}, "responses": {"200": {}}}}


def answer(schema: Json) -> Json:
    return {"GET /x": {"responses": {"200": {"json": schema}}}}


def body(schema: Json) -> Json:
    return {"GET /x": {"body!": {"json": schema}, "responses": {"200": {}}}}


def fields(*required: str, **schemas: Json) -> Json:
    return {"type": "object", "required": list(required), "properties": schemas}


COLOURS, FEWER = {"type": "string", "enum": ["red", "blue"]}, {"type": "string", "enum": ["red"]}
INT, STR = {"type": "integer"}, {"type": "string"}


def test_a_constant_is_compared_by_its_value() -> None:
    assert problems({"query": {"q": ["=", "red"]}}, query(COLOURS), query(FEWER)) == []
    gone = [('query parameter q no longer takes "blue"', True)]
    assert problems({"query": {"q": ["=", "blue"]}}, query(COLOURS), query(FEWER)) == gone
    assert problems({"query": {"q": None}}, query(COLOURS), query(FEWER)) == gone


@pytest.mark.parametrize(("value", "is_taken"), [("5", True), (5, True), ("x", False)])
def test_a_constant_of_a_query_is_text(value: object, is_taken: bool) -> None:
    assert bool(problems({"query": {"q": ["=", value]}}, query(STR), query(INT))) is not is_taken


def test_a_constant_segment_of_a_path_is_compared() -> None:
    old = {"GET /x/{id}": {"parameters": {"path id!": STR}, "responses": {"200": {}}}}
    new = {"GET /x/{key}": {"parameters": {"path key!": INT}, "responses": {"200": {}}}}
    assert problems({"path": "/x/7"}, old, new) == []
    assert problems({"path": "/x/me"}, old, new) == [('path parameter id no longer takes "me"', True)]
    assert problems({"path": "/x/{}"}, old, new) == [("path parameter id takes an integer instead of a string", True)]


def test_the_sentences_name_the_field_and_both_types() -> None:
    old = answer(fields("a", "b", a=INT, b=fields("c", c=STR)))
    new = answer(fields("b", a=INT, b=fields("c", c={"anyOf": [INT, {"type": "null"}]})))
    assert problems({"reads": {"a": 1, "b": {"c": 1}}}, old, new) == [
        ("response field a may be missing", True),
        ("response field b.c may be an integer instead of a string", True),
        ("response field b.c may be null", True),
    ]


def test_a_method_that_is_gone_names_those_that_are_left() -> None:
    old: Json = {"GET /x": {"responses": {"200": {}}}}
    assert problems({}, old, {"POST /x": {}, "PUT /x": {}}) == [("the path no longer takes GET, only POST, PUT", True)]
    assert problems({}, old, {}) == [("the operation is gone", True)]


def test_another_route_may_take_the_path() -> None:
    old = {"GET /x/me": {"responses": {"200": {"json": fields("a", a=INT)}}}}
    new = {"GET /x/{id}": {"responses": {"200": {"json": fields("a", a=INT)}}}}
    assert problems({"path": "/x/me", "reads": {"a": 1}}, old, new) == []


def test_an_operation_that_was_never_there_is_no_break() -> None:
    assert problems({"path": "/y"}, query(STR), {}) == []


def test_a_response_that_is_passed_on_is_not_certain() -> None:
    old, new = answer(fields("a", a=INT)), answer(fields("b", b=INT))
    assert problems({"reads": 1}, old, new) == [("response field a is gone from the response", False)]
    assert problems({"reads": 1}, old, answer(INT)) == [("response may be an integer instead of an object", True)]


def test_a_body_that_is_not_told_is_not_certain() -> None:
    old, new = body(fields("a", a=STR)), body(fields("a", "b", a=INT, b=STR))
    assert problems({"json": None}, old, new) == [
        ("body field b is required now", False),
        ("body field a takes an integer instead of a string", True),
    ]
    assert problems({"json": {"a": None, "**": None}}, old, new) == [
        ("body field b is required now", False),
        ("body field a takes an integer instead of a string", True),
    ]


def test_a_query_that_is_not_told_is_not_certain() -> None:
    assert problems({"query": None}, query(STR), query(STR, "q!")) == [("query parameter q is required now", False)]


def test_a_path_that_may_be_a_literal_is_not_certain() -> None:
    old: Json = {"GET /cats/list": {"responses": {"200": {}}}, "GET /dogs/list": {"responses": {"200": {}}}}
    new: Json = {"GET /dogs/list": {"responses": {"200": {}}}}
    assert problems({"path": "/{}/list"}, old, new) == [("the operation is gone", False)]


def test_the_alternative_that_fits_is_compared() -> None:
    card, bank = fields("number", number=STR), fields("iban", iban=STR)
    old = body({"anyOf": [card, bank]})
    new = body({"anyOf": [card, fields("iban", "bic", iban=STR, bic=STR)]})
    assert problems({"json": {"number": None}}, old, new) == []
    assert problems({"json": {"iban": None}}, old, new) == [("body field bic is required now", True)]


def test_schemas_that_contain_themselves_are_compared() -> None:
    def tree(value: Json) -> Json:
        return {"Tree": fields("value", value=value, left={"$ref": "Tree"}, right={"$ref": "Tree"})}

    each = answer({"$ref": "Tree"})
    reads = {"reads": {"left?": {"value": 1}, "value": 1}}
    assert problems(reads, each, each, schemas=(tree(INT), tree(INT))) == []
    assert problems(reads, each, each, schemas=(tree(INT), tree(STR))) == [
        ("response field left.value may be a string instead of an integer", True),
        ("response field value may be a string instead of an integer", True),
    ]
    assert problems({"reads": 1}, each, each, schemas=(tree(INT), tree(STR))) != []


def test_a_renamed_schema_is_no_break() -> None:
    old, new = answer({"$ref": "Old"}), answer({"$ref": "New"})
    assert (
        problems({"reads": {"a": 1}}, old, new, schemas=({"Old": fields("a", a=INT)}, {"New": fields("a", a=INT)}))
        == []
    )


def test_entries_of_a_mapping_are_compared() -> None:
    old = answer({"type": "object", "additionalProperties": STR})
    new = answer({"type": "object", "additionalProperties": INT})
    assert problems({"reads": {"x": 1}}, old, new) == [("response field x may be an integer instead of a string", True)]


def test_elements_of_a_list_are_compared() -> None:
    old, new = ({"type": "array", "items": fields(*names, a=INT)} for names in (["a"], []))
    assert problems({"reads": {"*": {"a": 1}}}, answer(old), answer(new)) == [("response[].a may be missing", True)]
