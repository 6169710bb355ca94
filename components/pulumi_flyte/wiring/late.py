"""References that arrive as Outputs: what they are shows when they are known, which mostly is in the preview."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pulumi

from pulumi_flyte import links
from pulumi_flyte.errors import ArgumentsError
from pulumi_flyte.links import AppLink, SecretLink, TaskLink
from pulumi_flyte.problems import Problem
from pulumi_flyte.settings import Settings
from pulumi_flyte.wiring.consumer import Consumer
from pulumi_flyte.wiring.crossing import crossing_problem

Late = pulumi.Output[Any]


def checked_input(output: Late, path: str, consumer: Consumer) -> Late:
    """Return the Output of an entry of `inputs`. It fails with ArgumentsError if its value is no input."""
    return _checked(output, path, consumer, lambda value: _input_problem(value, consumer.settings))


def checked_secret(output: Late, path: str, consumer: Consumer) -> Late:
    """Return the Output of an entry of `secrets`. It fails with ArgumentsError if its value is no secret's link."""
    return _checked(output, path, consumer, lambda value: _secret_problem(value, consumer.settings))


def _input_problem(value: object, settings: Settings | None) -> str | None:
    link = links.from_dict(value) if isinstance(value, Mapping) else None
    if isinstance(link, SecretLink):
        return "a Secret goes into secrets={variable: secret}, not into inputs"
    if isinstance(link, (AppLink, TaskLink)):
        return crossing_problem(link, settings)
    if link is not None or isinstance(value, str):
        return None
    kind = "nothing: is it an output that the other stack has?" if value is None else f"of type {type(value).__name__}"
    return f"a string or the `link` of an App or a Task, and this Output is neither (it is {kind})"


def _secret_problem(value: object, settings: Settings | None) -> str | None:
    """The value may be a secret: it is not shown."""
    link = links.from_dict(value) if isinstance(value, Mapping) else None
    if not isinstance(link, SecretLink):
        return "a Secret component or its `link`, and this Output is neither: a value goes into Secret(value=…)"
    return crossing_problem(link, settings)


def _checked(output: Late, path: str, consumer: Consumer, problem_of: Callable[[object], str | None]) -> Late:
    """Return the same Output, which fails if its value has a problem. A link of which a part is unknown is checked."""

    def look(value: object) -> Late:
        reason = None if isinstance(value, pulumi.output.Unknown) else problem_of(value)
        if reason is not None:
            raise ArgumentsError(consumer.kind, consumer.name, [Problem(path, reason)])
        return output

    return output.apply(look, run_with_unknowns=True)
