"""Outputs of other stacks, as references that are checked in the preview."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pulumi

from pulumi_flyte import links
from pulumi_flyte.engine.per_run import PerRun
from pulumi_flyte.engine.stack_outputs import StackOutputs, outputs_of
from pulumi_flyte.links import AppLink, SecretLink, StackLink, TaskLink
from pulumi_flyte.problems import Problem, nearest
from pulumi_flyte.settings import Settings

# The part of a stored edge that says which output it is. It is there for those who change that output.
FROM = "from"
# By the stack's name: a run asks once for each stack, however many links there are.
_answers: PerRun[dict[str, pulumi.Output[StackOutputs]]] = PerRun(dict)


def part_problems(link: StackLink) -> list[Problem]:
    """Return the problems of the parts. Their paths are relative to the link."""
    problems = [
        Problem(part, "expected a plain string, which is known when the program runs", value)
        for part in ("stack", "output", "project", "domain")
        if not isinstance(value := getattr(link, part), str) and (value is not None or part in ("stack", "output"))
    ]
    if not problems and link.stack.count("/") != 2:
        problems.append(Problem("stack", "expected a full name, as in organization/project/stack", link.stack))
    return problems


def output_of(link: StackLink) -> pulumi.Output[Any]:
    """Return the output as the other stack has it, with its origin.

    The value is `Missing` if the stack has no such output, and `Unreadable` if the stack cannot be read. It is unknown
    under a stand-in engine, which knows no other stack.
    """
    answers = _answers.current()
    if link.stack not in answers:
        answers[link.stack] = outputs_of(link.stack)
    return answers[link.stack].apply(lambda answer: _with_origin(link, answer))


def _with_origin(link: StackLink, answer: StackOutputs) -> Any:
    if answer.failure is not None:
        return Unreadable(answer.failure)
    if answer.by_name is None:
        return _unknown()
    value = answer.by_name.get(link.output, Missing(tuple(sorted(answer.by_name))))
    if not isinstance(value, Mapping):
        return value
    expected = {} if link.project is None else {"project": link.project}
    return {**value, FROM: {"stack": link.stack, "output": link.output, **expected}}


@dataclass(frozen=True, slots=True)
class Missing:
    """An output that the stack does not have. present: the names of those that it has."""

    present: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Unreadable:
    """The outputs of a stack that cannot be read. reason: in Pulumi's words."""

    reason: str


def problems_of(link: StackLink, value: object, settings: Settings | None) -> list[Problem]:
    """Return why an output cannot be used. Their paths are relative to the entry."""
    place = f"the output {link.output!r} of the stack {link.stack!r}"
    if isinstance(value, Unreadable):
        return [Problem("stack", f"its outputs cannot be read: {value.reason}{_hint(value.reason)}", link.stack)]
    if isinstance(value, Missing):
        has = nearest(link.output, value.present) or "; it has no outputs, so run `pulumi up` there first"
        return [Problem("output", f"the stack {link.stack!r} has no output {link.output!r}{has}")]
    target = links.from_dict(value) if isinstance(value, Mapping) else None
    if not isinstance(target, (AppLink, TaskLink, SecretLink)):
        kind = "a text" if isinstance(value, str) else f"a value of type {type(value).__name__}"
        return [Problem("output", f"{place} is {kind}, not a link: export the component's `link` there")]
    problems: list[Problem] = []
    if link.project is not None and target.project != link.project:
        problems.append(
            Problem("project", f"{place} is in the project {target.project!r}, and not in {link.project!r}")
        )
    domain = link.domain or (None if settings is None or isinstance(target, SecretLink) else settings.domain)
    if domain is not None and target.domain != domain:
        hint = "" if link.domain else f": refer to the stack of that domain, or say domain={target.domain!r}"
        problems.append(Problem("domain", f"{place} is in the domain {target.domain!r}, and not in {domain!r}{hint}"))
    return problems


def _hint(failure: str) -> str:
    """Return advice for a failure whose words are Pulumi's own."""
    if "organization name" in failure:
        return ". In a folder or a bucket, the full name of a stack is organization/PROJECT/STACK"
    if "unknown stack" in failure:
        return ". `pulumi stack ls --all` lists the stacks of this backend"
    return ""


def _unknown() -> pulumi.Output[Any]:
    value: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
    is_known: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
    value.set_result(None)
    is_known.set_result(False)
    return pulumi.Output(set(), value, is_known)
