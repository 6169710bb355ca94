"""Types of single values, each with its rule and its message."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Strict

from pulumi_flyte.arguments.refusal import Converted, Expected, refused, rule
from pulumi_flyte.notation.quantities import MAX_REQUEST_TIMEOUT, MOST_SECONDS, MOST_UNSIGNED, whole
from pulumi_flyte.problems import Problem

AT_MOST = f"at most {MOST_UNSIGNED}"


def duration(most: int) -> Converted:
    """Return the rule of a number of seconds, which a timedelta may say as well."""

    def validate(value: object) -> float:
        length = value.total_seconds() if isinstance(value, timedelta) else value
        if isinstance(length, bool) or not isinstance(length, (int, float)) or not length > 0:
            raise refused(Problem("", "expected a positive number of seconds (or a timedelta)", value))
        if length > most:
            raise refused(Problem("", f"at most {most} seconds", value))
        number: float = whole(length)
        return number

    return Converted(validate)


def seconds(length: float | timedelta | None) -> float | None:
    """Return a duration that has been checked as a number of seconds."""
    return length.total_seconds() if isinstance(length, timedelta) else length


def between(least: int, most: int | None, message: str) -> AfterValidator:
    """Return the rule of a number's limits."""

    def problem(number: int) -> str | None:
        return None if number >= least and (most is None or number <= most) else message

    return rule(problem)


Whole = Annotated[int, Strict(), BeforeValidator(whole)]
Flag = Annotated[bool, Strict(), Expected("expected True or False")]
PlainText = Annotated[str, Strict(), Expected("expected a plain string")]
NonEmpty = Annotated[PlainText, rule(lambda text: None if text else "it must not be empty")]
Seconds = Annotated[float | timedelta, duration(MOST_SECONDS)]
RequestSeconds = Annotated[float | timedelta, duration(MAX_REQUEST_TIMEOUT)]
