"""Values that no argument takes, wherever they are."""

from __future__ import annotations

from typing import Any

import pytest
from pulumi_flyte.engine.plain import check_plain
from pulumi_flyte.problems import Problem, Problems

CYCLE: dict[str, Any] = {}
CYCLE["a"] = [CYCLE]
DEEP: Any = "x"
for _ in range(3000):
    DEEP = [DEEP]


def problems_of(**arguments: object) -> list[str]:
    problems = Problems()
    check_plain(arguments, (), problems)
    return [str(problem) for problem in problems]


@pytest.mark.parametrize("value", [CYCLE, DEEP], ids=["cycle", "deep"])
def test_a_value_that_is_nested_without_end_is_one_problem(value: object) -> None:
    assert problems_of(env=value) == ["env: nested more than 64 levels deep"]


@pytest.mark.parametrize("text", ["a\0b", "caf\udce9"], ids=["NUL", "surrogate"])
def test_a_text_that_cannot_be_sent_is_a_problem_without_its_value(text: str) -> None:
    cases: list[tuple[dict[str, Any], str]] = [
        ({"value": text}, "value"),
        ({"env": {"A": text}}, "env.A"),
        ({"env": {text: "A"}}, "env"),
        ({"command": ["go", text]}, "command.1"),
    ]
    for arguments, path in cases:
        (problem,) = problems_of(**arguments)
        assert problem.startswith(f"{path}: it contains a ")
        assert "caf" not in problem


def test_other_texts_are_none() -> None:
    assert problems_of(env={"grüße": "☃", "": "\n"}) == []


class Stubborn:
    def __repr__(self) -> str:
        raise RuntimeError("no text of it")


@pytest.mark.parametrize(
    ("value", "kind"), [(10**5000, "int"), (Stubborn(), "Stubborn"), (DEEP, "list")], ids=["int", "class", "list"]
)
def test_a_problem_can_name_a_value_that_has_no_text(value: object, kind: str) -> None:
    assert (
        str(Problem("port", "a number", value)) == f"port: a number (got a value of type {kind} that cannot be shown)"
    )
