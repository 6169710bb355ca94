"""Unknown and missing keywords of a component: an error with the nearest known one instead of Python's TypeError."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping
from typing import Any, Concatenate, ParamSpec, TypeVar, cast

from pulumi_flyte.arguments import declaration
from pulumi_flyte.engine.plain import check_plain, is_lost
from pulumi_flyte.errors import ArgumentsError
from pulumi_flyte.problems import Problems, meant_by, nearest
from pulumi_flyte.source.read_source import ReadSource

P = ParamSpec("P")
S = TypeVar("S")


# What a component's `__init__` has besides the arguments that are passed on as they are.
_OWN = frozenset({"self", "resource_name", "opts", "environment", "inputs", "secrets", "__class__"})


def given_arguments(local: Mapping[str, Any]) -> dict[str, Any]:
    """The keywords that the caller gave, from the `locals()` of an `__init__` that has done nothing yet."""
    given = {key: value for key, value in local.items() if key not in _OWN and value is not None}
    return {key: declaration.crossing(value) for key, value in given.items()}


def crossing(value: Any) -> Any:
    """Return an argument as it crosses the engine, where other languages give it in this form."""
    return value.text if isinstance(value, ReadSource) else value


def checked_keywords(
    *takes_outputs: str,
) -> Callable[[Callable[Concatenate[S, P], None]], Callable[Concatenate[S, P], None]]:
    """Decorates a component's `__init__`; type checkers still see its own signature.

    takes_outputs: the paths of arguments that may be Outputs, as `check_plain` takes them.
    """

    def decorate(init: Callable[Concatenate[S, P], None]) -> Callable[Concatenate[S, P], None]:
        parameters = inspect.signature(init).parameters
        known = [name for name, parameter in parameters.items() if parameter.kind is parameter.KEYWORD_ONLY]
        required = [name for name in known if parameters[name].default is inspect.Parameter.empty]

        @functools.wraps(init)
        def checked(self: S, *args: P.args, **kwargs: P.kwargs) -> None:
            kind = type(self).__name__
            name: Any = args[0] if args else kwargs.get("resource_name", "")
            problems = Problems()
            check_plain({"name": name}, (), problems)
            if not problems and (not isinstance(name, str) or not name):
                problems.add("name", f'the first argument is the Pulumi name: {kind}("web", …)', name)
            if len(args) > 1:
                keywords = ", ".join(f"{key}=…" for key in known[: len(args) - 1])
                problems.add("arguments", f'all but the name are given by keyword: {kind}("{name}", {keywords})')
            unknown = [key for key in kwargs if key not in known and key != "resource_name"]
            for key in unknown:
                problems.add(key, f"unknown argument{nearest(key, known)}")
            misspelt = {meant_by(key, known) for key in unknown}
            for key in required[max(0, len(args) - 1) :]:
                if key not in kwargs and key not in misspelt:
                    problems.add(key, "required")
            arguments = {key: crossing(value) for key, value in kwargs.items() if key != "resource_name"}
            check_plain(arguments, takes_outputs, problems)
            if problems:
                raise ArgumentsError(kind, "…" if is_lost(str(name)) else str(name), problems.found)
            init(self, *args, **kwargs)

        return cast(Callable[Concatenate[S, P], None], checked)

    return decorate
