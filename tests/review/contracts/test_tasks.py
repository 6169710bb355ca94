"""Starts of a task whose interface changes."""

from __future__ import annotations

from typing import Any

import pytest
from pulumi_flyte_review.contracts.tasks import TaskInterface, start_problems, type_name
from pulumi_flyte_review.contracts.usage import Usage

INT, FLOAT, STR = {"simple": "INTEGER"}, {"simple": "FLOAT"}, {"simple": "STRING"}


def interface(*defaults: str, **types: Any) -> TaskInterface:
    variables = [{"key": name, "value": {"type": kind}} for name, kind in types.items()]
    template: Any = {
        "taskTemplate": {"interface": {"inputs": {"variables": variables}}},
        "defaultInputs": [{"name": name} for name in defaults],
    }
    return TaskInterface.parse(template)


def problems(inputs: dict[str, Any], old: TaskInterface, new: TaskInterface) -> list[tuple[str, bool]]:
    [start] = Usage.parse([{"at": "a.py:1", "task": "resize", "inputs": inputs}]).starts
    return [(each.text, each.is_certain) for each in start_problems(start, old, new)]


def test_an_input_that_is_gone() -> None:
    old, new = interface(width=INT, name=STR), interface(name=STR)
    assert problems({"width": None, "name": None}, old, new) == [("the input width is gone", True)]


def test_an_optional_input_that_is_gone_is_of_no_importance_where_it_is_not_given() -> None:
    assert problems({"name": None}, interface("width", width=INT, name=STR), interface(name=STR)) == []


def test_an_input_that_is_required_now() -> None:
    old, new = interface(name=STR), interface(name=STR, width=INT)
    assert problems({"name": None}, old, new) == [("the input width is required now", True)]
    assert problems({"name": None, "width": None}, old, new) == []
    assert problems({"name": None, "**": None}, old, new) == [("the input width is required now", False)]
    assert problems({"name": None}, old, interface("width", name=STR, width=INT)) == []


@pytest.mark.parametrize(
    ("shape", "old", "new", "is_broken"),
    [
        (None, INT, STR, True),
        (None, INT, FLOAT, False),
        (None, FLOAT, INT, True),
        (["=", 3], FLOAT, INT, False),
        (["=", 3.5], FLOAT, INT, True),
        (["=", "a"], STR, INT, True),
        (None, INT, {"unionType": {"variants": [INT, {"simple": "NONE"}]}}, False),
        (["=", None], {"unionType": {"variants": [INT, {"simple": "NONE"}]}}, INT, True),
    ],
)
def test_an_input_of_another_type(shape: Any, old: Any, new: Any, is_broken: bool) -> None:
    assert bool(problems({"x": shape}, interface(x=old), interface(x=new))) is is_broken


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        (INT, "int"),
        ({"collectionType": STR}, "list[str]"),
        ({"mapValueType": FLOAT}, "dict[str, float]"),
        ({"unionType": {"variants": [INT, {"simple": "NONE"}]}}, "int | None"),
        ({"blob": {"dimensionality": "MULTIPART"}}, "dir"),
        ({"blob": {}}, "file"),
        ({"enumType": {"values": ["a"]}}, 'one of "a"'),
    ],
)
def test_a_type_is_named_as_programs_spell_it(kind: Any, name: str) -> None:
    assert type_name(kind) == name
