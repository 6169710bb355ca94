"""Helpers that run one check on a value."""

from __future__ import annotations

from typing import TypeVar

from pulumi_flyte.arguments.declaration import Declaration, check

D = TypeVar("D", bound=Declaration)


def paths(kind: type[Declaration], value: object) -> list[str]:
    """The paths of its problems, in the order of the report."""
    return [problem.path for problem in check(kind, value)[1]]


def right(kind: type[D], value: object) -> D:
    """The declaration of a value that is right."""
    declared, problems = check(kind, value)
    assert declared is not None
    assert not problems
    return declared
