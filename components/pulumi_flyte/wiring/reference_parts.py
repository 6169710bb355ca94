"""Checks the parts of a reference. A mapping or a constructor takes any value for them."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pulumi

from pulumi_flyte.links import AppEndpoint, AppLink, SecretLink, TaskLink, TaskRef
from pulumi_flyte.naming import names
from pulumi_flyte.notation.quantities import MOST_SECONDS, whole
from pulumi_flyte.problems import Problem

# An app or a task, by its link or by its name.
Target = AppLink | TaskLink | AppEndpoint | TaskRef

# The parts of a link that it cannot do without, and the others. A secret's place has to be known when the program runs.
_REQUIRED = {
    AppLink: ("project", "domain", "name", "url"),
    TaskLink: ("project", "domain", "name"),
    SecretLink: ("name",),
}
_OPTIONAL = {AppLink: ("public_url", "auth_key"), TaskLink: ("version",), SecretLink: ("version",)}
# Those of all kinds of references, as `TaskRef` has a version too.
OPTIONAL = frozenset({"public_url", "auth_key", "version"})
_BROKEN = "expected a string: pass the whole `link` of the component unchanged"


def part_problems(reference: Target | SecretLink) -> list[Problem]:
    """Return the problems of a reference's parts. Their paths are relative to the reference."""
    if isinstance(reference, (AppEndpoint, TaskRef)):
        return list(_name_problems(reference))
    return list(_link_problems(reference))


def option_problems(timeout: object, retries: object, to: object) -> Iterator[Problem]:
    """Yield the problems of an edge's options. `to`: None for an Output."""
    is_number = isinstance(timeout, (int, float)) and not isinstance(timeout, bool)
    if timeout is not None and not (is_number and 0 < timeout <= MOST_SECONDS):  # type: ignore[operator]
        yield Problem("timeout", "expected a positive number of seconds", timeout)
    number = whole(retries)
    if retries is not None and (isinstance(number, bool) or not isinstance(number, int) or not 0 <= number <= 10):
        yield Problem("retries", "expected a whole number between 0 and 10", retries)
    elif retries is not None and isinstance(to, (TaskLink, TaskRef)):
        yield Problem("retries", "a caller does not repeat the runs of a task: pass Task(retries=…) instead", retries)


def _link_problems(link: AppLink | TaskLink | SecretLink) -> Iterator[Problem]:
    for part in _REQUIRED[type(link)]:
        if not _is_text(value := getattr(link, part)) or (isinstance(value, str) and not value):
            yield Problem(part, _BROKEN, value)
    for part in _OPTIONAL[type(link)]:
        if (value := getattr(link, part)) is not None and not _is_text(value):
            yield Problem(part, _BROKEN, value)
    if isinstance(link, AppLink) and isinstance(link.auth_key, str) and "flyte:api:AuthKey::" not in link.auth_key:
        yield Problem("auth_key", "expected the URN of a `flyte:api:AuthKey`", link.auth_key)
    if isinstance(link, SecretLink):
        for part in ("project", "domain"):
            if not isinstance(value := getattr(link, part), (str, pulumi.output.Unknown, type(None))):
                yield Problem(part, "expected a plain string, which is known when the program runs", value)


def _is_text(value: object) -> bool:
    return isinstance(value, (str, pulumi.Output, pulumi.output.Unknown))


def _name_problems(reference: AppEndpoint | TaskRef) -> Iterator[Problem]:
    rule = names.app_name_problem if isinstance(reference, AppEndpoint) else names.task_name_problem
    scope = names.scope_name_problem
    rules: dict[str, Callable[[str], str | None]] = {"name": rule, "project": scope, "domain": scope}
    for part, problem_of in rules.items():
        text = getattr(reference, part)
        if isinstance(text, str):
            if reason := problem_of(text):
                yield Problem(part, reason, text)
        elif not isinstance(text, pulumi.output.Unknown) and (text is not None or part == "name"):
            yield Problem(part, "expected a plain string", text)
    if isinstance(reference, TaskRef) and not (reference.version is None or _is_text(reference.version)):
        yield Problem("version", "expected a string", reference.version)
