"""References that arrive as Outputs: what they are shows when they are known, which mostly is in the preview."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, TypeVar

import pulumi

from pulumi_flyte import links
from pulumi_flyte.errors import ArgumentsError
from pulumi_flyte.links import AppEndpoint, Link, SecretLink, StackLink, TaskRef
from pulumi_flyte.problems import Problem
from pulumi_flyte.settings import Settings
from pulumi_flyte.wiring import stack_links
from pulumi_flyte.wiring.consumer import Consumer
from pulumi_flyte.wiring.crossing import crossing_problem
from pulumi_flyte.wiring.reference_parts import OPTIONAL, Target, option_problems, part_problems

Late = pulumi.Output[Any]
R = TypeVar("R", bound=Target | SecretLink)

NO_SECRET = "a Secret goes into secrets={variable: secret}, not into inputs"
NO_STACK_LINK = "a StackLink is known when the program runs: give it as it is, and not inside of an Output"
NO_PLAIN_VALUE = "a Link has options for an edge to an App or a Task, not for a plain value"


def checked_input(output: Late, path: str, consumer: Consumer) -> Late:
    """Return the Output of an entry of `inputs`. It fails with ArgumentsError if its value is not an input."""
    return _checked(output, path, consumer, lambda value: _input_problems(value, consumer.settings))


def checked_secret(output: Late, path: str, consumer: Consumer) -> Late:
    """Return the Output of an entry of `secrets`. It fails with ArgumentsError if its value is not a secret's link."""
    return _checked(output, path, consumer, lambda value: _secret_problems(value, consumer.settings))


def checked_output(link: StackLink, path: str, consumer: Consumer) -> Late:
    """Return the output of another stack. It fails with ArgumentsError if that is gone, or is not what was meant."""
    return _checked(
        stack_links.output_of(link),
        path,
        consumer,
        lambda value: stack_links.problems_of(link, value, consumer.settings),
    )


def checked_parts(reference: R, path: str, consumer: Consumer) -> R:
    """Return the same reference. Its Outputs fail with ArgumentsError if their values are not texts."""
    parts = {part: getattr(reference, part) for part in reference.__dataclass_fields__}
    checked: dict[str, Any] = {
        part: _checked(
            value, f"{path}.{part}", consumer, functools.partial(_text_problems, may_be_none=part in OPTIONAL)
        )
        for part, value in parts.items()
        if isinstance(value, pulumi.Output)
    }
    return replace(reference, **checked) if checked else reference


def _text_problems(value: object, *, may_be_none: bool) -> list[Problem]:
    if isinstance(value, str) or (value is None and may_be_none):
        return []
    return [Problem("", f"expected an Output of a string, and this one has a value of type {type(value).__name__}")]


def _input_problems(value: object, settings: Settings | None) -> list[Problem]:
    """Return the problems of a value. Their paths are relative to the entry."""
    link = links.from_dict(value) if isinstance(value, Mapping) else None
    if isinstance(link, Link):
        to = links.from_dict(link.to) if isinstance(link.to, Mapping) else link.to
        options = list(option_problems(link.timeout, link.retries, to))
        if isinstance(to, (str, Link, type(None))):
            return [*options, Problem("", NO_PLAIN_VALUE)]
        return [*options, *_input_problems(link.to, settings)]
    if isinstance(link, SecretLink):
        return [Problem("", NO_SECRET)]
    if isinstance(link, StackLink):
        return [Problem("", NO_STACK_LINK)]
    if link is not None:
        return part_problems(link) or _crossing(link, settings)
    if isinstance(value, str):
        return []
    outcome = "None (does the other stack have this output?)" if value is None else f"of type {type(value).__name__}"
    return [
        Problem(
            "",
            "expected an Output of a string, or of the `link` of an App or a Task, and the value of this one is"
            f" {outcome}",
        )
    ]


def _secret_problems(value: object, settings: Settings | None) -> list[Problem]:
    link = links.from_dict(value) if isinstance(value, Mapping) else None
    if not isinstance(link, SecretLink):
        reason = "expected a Secret or an Output of its `link`: declare Secret(value=…) for a value"
        return [Problem("", reason)]
    return part_problems(link) or _crossing(link, settings)


def _crossing(link: Target | SecretLink, settings: Settings | None) -> list[Problem]:
    reason = None if isinstance(link, (AppEndpoint, TaskRef)) else crossing_problem(link, settings)
    return [] if reason is None else [Problem("", reason)]


def _checked(output: Late, path: str, consumer: Consumer, problems_of: Callable[[object], list[Problem]]) -> Late:
    """Return the same Output, which fails if its value has problems. A link of which a part is unknown is checked."""

    def look(value: object) -> Late:
        problems = [] if isinstance(value, pulumi.output.Unknown) else problems_of(value)
        if problems:
            # The value may be a secret: it is not shown.
            shown = [replace(each, path=".".join(filter(None, (path, each.path))), value=None) for each in problems]
            raise ArgumentsError(consumer.kind, consumer.name, shown)
        return output

    return output.apply(look, run_with_unknowns=True)
