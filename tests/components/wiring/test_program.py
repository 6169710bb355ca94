"""Order by name: kept where it can be, refused with the path where it cannot."""

from __future__ import annotations

from typing import Any, cast

import pulumi
import pytest
from pulumi_flyte.errors import CycleError
from pulumi_flyte.wiring.program import Program


def declare(program: Program, name: str, references: tuple[str, ...] = (), by_name: tuple[str, ...] = ()) -> list[Any]:
    awaited = program.declare(name, references, by_name)
    # What is waited for is only passed on, never looked into.
    program.resources[name] = cast(pulumi.CustomResource, f"<{name}>")
    return awaited


def test_what_was_declared_before_is_waited_for() -> None:
    program = Program()
    declare(program, "backend")
    assert declare(program, "web", by_name=("backend",)) == ["<backend>"]


def test_an_environments_name_means_all_its_tasks() -> None:
    program = Program()
    declare(program, "words.count")
    declare(program, "words.split")
    assert declare(program, "web", by_name=("words",)) == ["<words.count>", "<words.split>"]


def test_a_cycle_of_a_name_and_a_reference_is_refused_with_its_path() -> None:
    program = Program()
    declare(program, "a", by_name=("b",))
    with pytest.raises(CycleError, match=r"a → b → a|b → a → b"):
        declare(program, "b", references=("a",))


def test_a_longer_cycle_names_everyone_on_it() -> None:
    program = Program()
    declare(program, "a", by_name=("c",))
    declare(program, "b", references=("a",))
    with pytest.raises(CycleError, match="a → c → b → a"):
        declare(program, "c", references=("b",))


def test_one_that_waits_for_itself_is_refused() -> None:
    with pytest.raises(CycleError, match="a → a"):
        declare(Program(), "a", by_name=("a",))


def test_a_name_declared_too_late_says_which_to_move() -> None:
    program = Program()
    declare(program, "a", by_name=("b",))
    with pytest.raises(CycleError, match="'a' depends_on 'b', which is declared after it: declare 'b' first"):
        declare(program, "b")


def test_a_name_that_nobody_declares_orders_nothing() -> None:
    program = Program()
    assert declare(program, "a", by_name=("elsewhere",)) == []
    declare(program, "c", references=("a",))


def test_a_name_that_is_like_a_declared_apps_is_reported_and_one_that_is_like_none_is_not() -> None:
    program = Program()
    declare(program, "backend-api")
    program.callers_by_name = {"backend": {"web"}, "backend-api": {"web"}, "payments": {"web"}}
    assert program.misnamed() == [("web", "backend", "backend-api")]
