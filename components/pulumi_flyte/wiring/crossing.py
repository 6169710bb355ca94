"""References that lead out of the place where their consumer runs: which of them its platform can serve.

The table is in docs/scopes.md, and a test holds it.

A link that arrives as an Output is compared once it is known, which in most programs is in the preview.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import pulumi

from pulumi_flyte import links
from pulumi_flyte.errors import ArgumentsError
from pulumi_flyte.links import AppLink, Link, SecretLink, TaskLink
from pulumi_flyte.problems import Problem, Problems
from pulumi_flyte.settings import Settings

Place = Literal["inputs", "secrets"]


@dataclass(frozen=True)
class Consumer:
    """The component whose references are checked. `kind` is `App` or `Task`."""

    kind: str
    name: str
    settings: Settings | None


def checked(value: Any, place: Place, path: str, consumer: Consumer, problems: Problems) -> Any:
    """Check one reference against where its consumer runs. Returns it; an Output is returned with the check in it,
    which raises ArgumentsError."""
    if isinstance(value, Link):
        return Link(checked(value.to, place, path, consumer, problems), value.timeout, value.retries)
    if isinstance(value, pulumi.Output):
        return _once_known(value, lambda known: _output_problem(known, place, consumer.settings), path, consumer)
    link = value.link_value if isinstance(value, pulumi.ComponentResource) and hasattr(value, "link_value") else value
    link = links.from_dict(link) if isinstance(link, Mapping) else link
    if isinstance(link, Link):
        return checked(link, place, path, consumer, problems)
    if isinstance(link, (AppLink, TaskLink, SecretLink)) and consumer.settings is not None:
        problems.add(path, crossing_problem(link, consumer.settings))
    return value


def crossing_problem(link: AppLink | TaskLink | SecretLink, settings: Settings) -> str | None:
    """Why a workload with these settings cannot use what the link refers to, with the way out; None where it can."""
    what = f"the {link.kind} {link.name!r}" if isinstance(link.name, str) else f"the {link.kind}"
    here = settings.control_plane
    if link.control_plane is not None and link.control_plane != here:
        return f"{what} is on another control plane ({link.control_plane}; this runs on {here}): {_MOVE[link.kind]}"
    if not isinstance(link, SecretLink):
        return None
    other_project = link.project and link.project != settings.project
    other_domain = link.domain and link.domain != settings.domain
    if not other_project and not other_domain:
        return None
    there = f"{link.project}/{link.domain}" if link.project else link.domain
    return (
        f"{what} is in {there}, and a workload of {settings.project}/{settings.domain} gets only the secrets of its own"
        " project and domain, those of its domain, and global ones: declare a Secret in this Environment too, with"
        " value=, or with existing=True where one of this name is there"
    )


_MOVE = {
    "app": "deploy both to one, or pass a URL that reaches it from here as a plain string, such as its public_endpoint",
    "task": "deploy the task to this one too, or start it through an app there, by URL",
    "secret": "declare a Secret in this Environment too",
}


def _output_problem(known: Any, place: Place, settings: Settings | None) -> str | None:
    """What is wrong with the value that an Output turned out to have. The value may be a secret: it is not shown."""
    link = links.from_dict(known) if isinstance(known, Mapping) else None
    if place == "secrets" and not isinstance(link, SecretLink):
        return "a Secret component or its `link`, and this Output is neither: a value goes into Secret(value=…)"
    if place == "inputs" and isinstance(link, SecretLink):
        return "a Secret goes into secrets={variable: secret}, not into inputs"
    if place == "inputs" and not isinstance(known, str) and link is None:
        return f"a string or the `link` of an App or a Task, and this Output is neither (it is {_kind(known)})"
    if isinstance(link, (AppLink, TaskLink, SecretLink)) and settings is not None:
        return crossing_problem(link, settings)
    return None


def _kind(known: Any) -> str:
    return "nothing: is it an output that the other stack has?" if known is None else f"of type {type(known).__name__}"


def _once_known(
    value: pulumi.Output[Any], problem_of: Callable[[Any], str | None], path: str, consumer: Consumer
) -> pulumi.Output[Any]:
    """The same Output, which fails if its value has a problem. A link of which a part is unknown is looked at too."""

    def look(known: Any) -> pulumi.Output[Any]:
        reason = None if isinstance(known, pulumi.output.Unknown) else problem_of(known)
        if reason is not None:
            raise ArgumentsError(consumer.kind, consumer.name, [Problem(path, reason)])
        return value

    return value.apply(look, run_with_unknowns=True)
