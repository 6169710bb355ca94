"""A trigger's inputs as literals that Flyte reads, and what would fit for those that do not."""

from __future__ import annotations

import asyncio
import datetime
import enum
import sys
from dataclasses import dataclass
from typing import Any, Optional, Union

import pytest
from flyte.types import TypeEngine
from flyteidl2.core.literals_pb2 import Literal
from google.protobuf.json_format import MessageToDict, ParseDict
from pulumi_flyte.notation.literals import literal
from pulumi_flyte.problems import Problems

UTC = datetime.timezone.utc


class Color(enum.Enum):
    RED = "red"
    BLUE = "b"


@dataclass
class Point:
    x: int


OPTIONAL: Any = Optional[float]  # noqa: UP045
UNION: Any = Union[int, datetime.datetime]  # noqa: UP007


@pytest.mark.parametrize(
    ("value", "python_type", "expected"),
    [
        (2, float, 2.0),
        (-(2**63), int, -(2**63)),
        (float(2**53), int, 2**53),
        (sys.float_info.max, float, sys.float_info.max),
        ("2026-01-02T03:04:05Z", datetime.datetime, datetime.datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)),
        ("2026-01-02T03:04:05+02:00", datetime.datetime, datetime.datetime(2026, 1, 2, 1, 4, 5, tzinfo=UTC)),
        ("2026-01-02", datetime.date, datetime.date(2026, 1, 2)),
        (datetime.datetime(2026, 1, 2), datetime.datetime, datetime.datetime(2026, 1, 2, tzinfo=UTC)),
        (90, datetime.timedelta, datetime.timedelta(seconds=90)),
        (datetime.timedelta(milliseconds=5), datetime.timedelta, datetime.timedelta(milliseconds=5)),
        ("BLUE", Color, Color.BLUE),
        ([1, 2.5], list[float], [1.0, 2.5]),
        ({"a": [1.0]}, dict[str, list[int]], {"a": [1]}),
        (None, OPTIONAL, None),
        (2, OPTIONAL, 2.0),
        ("2026-01-02", UNION, datetime.datetime(2026, 1, 2, tzinfo=UTC)),
    ],
)
def test_json_that_fits_is_a_literal(value: Any, python_type: Any, expected: Any) -> None:
    problems = Problems()
    message = literal(value, MessageToDict(TypeEngine.to_literal_type(python_type)), "triggers.t.inputs.v", problems)
    assert not problems, list(problems)
    sent = ParseDict(message, Literal())
    assert asyncio.run(TypeEngine.to_python_value(sent, python_type)) == expected


@pytest.mark.parametrize(
    ("value", "python_type", "expected"),
    [
        ("tomorrow", datetime.datetime, "a time such as 2026-01-02T03:04:05Z"),
        ("long", datetime.timedelta, "seconds"),
        ("b", Color, "one of RED, BLUE"),
        (1.5, int, "INTEGER"),
        (float("inf"), int, "INTEGER"),
        (2**63, int, "INTEGER"),
        (1e30, int, "INTEGER"),
        (float("inf"), float, "FLOAT"),
        (float("nan"), OPTIONAL, "FLOAT or null"),
        (10**400, float, "FLOAT"),
        (float("inf"), datetime.timedelta, "seconds"),
        (10**400, datetime.timedelta, "seconds"),
        ("0001-01-01T00:00:00+05:00", datetime.datetime, "a time such as"),
        ({1: 2}, dict[str, int], "a mapping from text"),
        (True, float, "FLOAT"),
        ("a", list[int], "a list"),
        ("x", OPTIONAL, "FLOAT or null"),
        ({"x": 1}, Point, "a structured one"),
    ],
)
def test_what_does_not_fit_is_told_what_would(value: Any, python_type: Any, expected: str) -> None:
    problems = Problems()
    literal(value, MessageToDict(TypeEngine.to_literal_type(python_type)), "triggers.t.inputs.v", problems)
    (problem,) = problems
    assert problem.path == "triggers.t.inputs.v"
    assert expected in str(problem)
