"""Checks the arguments of a call: an unknown keyword is an error with the nearest known one, not Python's TypeError."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from pulumi_flyte.errors import ArgumentsError
from pulumi_flyte.problems import Problem, meant_by, nearest

P = ParamSpec("P")
R = TypeVar("R")

# The parameters that say in a message which call it was.
_NAMING = ("resource_name", "name", "source")
_RECEIVERS = ("self", "cls")


class CheckedCall:
    """Base of public classes whose constructor reports wrong arguments as an ArgumentsError."""

    # Type checkers read the signature of `__init__`.
    if not TYPE_CHECKING:

        def __new__(cls, *positional: object, **keywords: object) -> CheckedCall:
            _check(cls.__name__, cls.__init__, (cls, *positional), keywords)
            return super().__new__(cls)


def checked_call(function: Callable[P, R]) -> Callable[P, R]:
    """Decorate a public function that reports wrong arguments as an ArgumentsError."""

    @functools.wraps(function)
    def checked(*positional: P.args, **keywords: P.kwargs) -> R:
        _check(function.__qualname__, function, positional, keywords)
        return function(*positional, **keywords)

    return checked


def unknown_arguments(keywords: Iterable[str], names: Sequence[str]) -> Iterator[Problem]:
    """Yield a problem for each keyword that is not an argument."""
    return (Problem(key, f"unknown argument{nearest(key, names)}") for key in keywords if key not in names)


def _check(
    kind: str, function: Callable[..., object], positional: Sequence[object], keywords: Mapping[str, object]
) -> None:
    parameters = _parameters(function)
    problems = list(_problems(parameters, positional, keywords))
    if problems:
        values = {**dict(zip(parameters, positional, strict=False)), **keywords}
        name = next((text for key in _NAMING if isinstance(text := values.get(key), str)), "")
        raise ArgumentsError(kind, name, problems)


@functools.cache
def _parameters(function: Callable[..., object]) -> Mapping[str, inspect.Parameter]:
    """Return the parameters by name, also `self` and `cls`. The function takes neither `*` nor `**`."""
    return inspect.signature(function).parameters


def _problems(
    parameters: Mapping[str, inspect.Parameter], positional: Sequence[object], keywords: Mapping[str, object]
) -> Iterator[Problem]:
    """Yield what Python would refuse."""
    names = [name for name in parameters if name not in _RECEIVERS]
    by_position = [name for name, each in parameters.items() if each.kind is each.POSITIONAL_OR_KEYWORD]
    filled = by_position[: len(positional)]
    if len(positional) > len(by_position):
        only = ", ".join(name for name in by_position if name in names)
        yield Problem("arguments", f"pass them by keyword, except {only}" if only else "pass them by keyword")
    yield from (Problem(name, "it is passed twice, by position and by keyword") for name in filled if name in keywords)
    yield from unknown_arguments(keywords, names)
    misspelt = {meant_by(key, names) for key in keywords if key not in names}
    for name, each in parameters.items():
        if each.default is each.empty and name not in {*filled, *keywords, *misspelt}:
            yield Problem(name, "required")
