"""The link between our rules and pydantic: rules as validators, and pydantic's errors as problems."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from pydantic import AfterValidator, BeforeValidator, GetCoreSchemaHandler, ValidationError
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from pulumi_flyte.problems import Problem

T = TypeVar("T")
_KIND = "refused"


def refused(*problems: Problem, partial: object = None) -> PydanticCustomError:
    """Return the error that a rule raises. The path of each problem is relative to the value that the rule checks.

    partial: the valid part of the value, if later checks can continue with it.
    """
    return PydanticCustomError(_KIND, "refused", {"problems": problems, "partial": partial})


def rule(problem: Callable[[T], str | None]) -> AfterValidator:
    """Return a validator from a function that returns the fault of a value of the right type, or None."""

    def validate(value: T) -> T:
        reason = problem(value)
        if reason is not None:
            raise refused(Problem("", reason, value))
        return value

    return AfterValidator(validate)


class Expected:
    """An annotation that replaces pydantic's message about a value of the wrong type."""

    def __init__(self, reason: str) -> None:
        self.reason = reason

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.custom_error_schema(
            handler(source),
            custom_error_type=_KIND,
            custom_error_message="refused",
            custom_error_context={"reason": self.reason},
        )


class Converted:
    """An annotation that validates by a function, which returns the value in its normal form or raises `refused(…)`."""

    def __init__(self, function: Callable[[Any], object]) -> None:
        self.function = function

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(self.function)


def mapping(expected: str) -> BeforeValidator:
    """Return a validator that lets only mappings through to the type that it annotates."""

    def validate(value: Any) -> Any:
        if not isinstance(value, Mapping):
            raise refused(Problem("", expected, value))
        return value

    return BeforeValidator(validate)


def sequence(expected: str) -> BeforeValidator:
    """Return a validator that lets only lists and tuples through to the type that it annotates."""

    def validate(value: Any) -> Any:
        if isinstance(value, (str, bytes)) or not isinstance(value, Sequence):
            raise refused(Problem("", expected, value))
        return list(value)

    return BeforeValidator(validate)


def problems_of(error: ValidationError, path: str, *, hidden: bool = False) -> list[Problem]:
    """Return pydantic's errors as problems below a path. With `hidden`, they do not show the values."""
    problems: list[Problem] = []
    for detail in error.errors(include_url=False):
        here = [path, *(str(step) for step in detail["loc"] if step != "[key]")]
        context = detail.get("ctx", {})
        for problem in context.get("problems") or [
            Problem("", context.get("reason") or detail["msg"], detail["input"])
        ]:
            whole = ".".join([*here, *([problem.path] if problem.path else [])])
            problems.append(replace(problem, path=whole, value=None if hidden else problem.value))
    return problems


def partial_of(error: ValidationError) -> Any:
    """Return the valid part of a value, if the only error is that of its rule and the rule names such a part."""
    first, *others = error.errors(include_url=False)
    return None if others or first["loc"] else first.get("ctx", {}).get("partial")
