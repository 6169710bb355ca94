"""Checks the keywords of a component: an unknown one is an error with the nearest known one, not Python's TypeError."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Concatenate, ParamSpec, TypeVar, cast

import pulumi

from pulumi_flyte.arguments.call import unknown_arguments
from pulumi_flyte.arguments.declaration import Declaration, fields_of
from pulumi_flyte.arguments.output_paths import output_paths
from pulumi_flyte.engine.plain import check_plain, is_lost
from pulumi_flyte.errors import ArgumentsError
from pulumi_flyte.problems import Problem, Problems, meant_by
from pulumi_flyte.source.read_source import ReadSource

P = ParamSpec("P")
S = TypeVar("S")


def checked_keywords(
    declaration: type[Declaration],
) -> Callable[[Callable[Concatenate[S, P], None]], Callable[Concatenate[S, P], None]]:
    """Decorate the `__init__` of a component; type checkers still see its own signature.

    declaration: the component's arguments. It has the keywords and the paths that may have Outputs.
    """

    def decorate(init: Callable[Concatenate[S, P], None]) -> Callable[Concatenate[S, P], None]:
        @functools.wraps(init)
        def checked(self: S, *args: P.args, **kwargs: P.kwargs) -> None:
            kind = type(self).__name__
            name: object = args[0] if args else kwargs.get("resource_name", "")
            keywords: dict[str, object] = {key: value for key, value in kwargs.items() if key != "resource_name"}
            source = keywords.get("source")
            if isinstance(source, ReadSource):
                keywords["source"] = source.text
            problems = Problems()
            check_plain({"name": name}, (), problems)
            if not problems and (not isinstance(name, str) or not name):
                problems.add("name", f'the first argument is the Pulumi name: {kind}("web", …)', name)
            _check_names(kind, name, args, keywords, declaration, problems)
            check_plain(keywords, output_paths(declaration), problems)
            if problems:
                problems.extend(_value_problems(declaration, keywords))
                raise ArgumentsError(kind, "…" if is_lost(str(name)) else str(name), problems.entries)
            init(self, *args, **kwargs)

        return cast(Callable[Concatenate[S, P], None], checked)

    return decorate


def _value_problems(declaration: type[Declaration], keywords: Mapping[str, object]) -> Iterator[Problem]:
    """Yield the problems of the values of known keywords, as far as they can be checked without the others."""
    for name, field in fields_of(declaration).items():
        if keywords.get(name) is not None:
            yield from field.check(keywords[name])[1]


def _check_names(
    kind: str,
    name: object,
    positional: Sequence[object],
    keywords: Mapping[str, object],
    declaration: type[Declaration],
    problems: Problems,
) -> None:
    """Find arguments without their keyword, unknown keywords, and required ones that are missing."""
    fields = fields_of(declaration)
    names = [*fields, "opts"]
    if len(positional) > 1:
        example = ", ".join(f"{key}=…" for key in names[: len(positional) - 1])
        problems.add("arguments", f'all but the name are given by keyword: {kind}("{name}", {example})')
    unknown = list(unknown_arguments(keywords, names))
    problems.entries += unknown
    misspelt = {meant_by(problem.path, names) for problem in unknown}
    for key, field in list(fields.items())[max(0, len(positional) - 1) :]:
        if field.required and key not in keywords and key not in misspelt:
            problems.add(key, field.about.missing)
    opts = keywords.get("opts")
    if not isinstance(opts, (pulumi.ResourceOptions, pulumi.Output, type(None))):
        problems.add("opts", "expected a pulumi.ResourceOptions", opts)
