"""A workload's plain environment variables."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

import pulumi
from flyte_runtime import contract

from pulumi_flyte.arguments.refusal import Converted, refused
from pulumi_flyte.problems import Problem

NOTHING = "its value is None: is a configuration value missing?"


def name_problem(variable: str) -> str | None:
    """Return why a user cannot set a variable of this name, if so."""
    if not contract.is_alias(variable):
        return "a variable's name is letters, digits and '_', no digit first"
    if variable == "PORT":
        return "the platform sets it to the port that an App listens on: use port= of the App"
    if contract.is_reserved_variable(variable):
        return "set by the platform itself: choose another name"
    return None


def _problem(variable: object, value: object) -> Problem | None:
    if not isinstance(variable, str):
        return Problem("", "a variable's name is a string", variable)
    if value is None:
        return Problem(variable, NOTHING)
    reason = name_problem(variable)
    if reason is not None:
        return Problem(variable, reason)
    if not isinstance(value, (str, pulumi.Output)):
        return Problem(variable, "a variable's value is a string", value)
    return None


def variables(value: object) -> object:
    """Return variables by name. Raises with the problem of each name and value."""
    if not isinstance(value, Mapping):
        raise refused(Problem("", 'expected a mapping, such as {"LOG_LEVEL": "debug"}', value))
    problems = [problem for name, item in value.items() if (problem := _problem(name, item)) is not None]
    wrong = {problem.path for problem in problems}
    right = {name: item for name, item in value.items() if isinstance(name, str) and name not in wrong}
    if problems:
        raise refused(*problems, partial=right)
    return right


Variables = Annotated[Mapping[str, str | pulumi.Output[str]], Converted(variables)]
