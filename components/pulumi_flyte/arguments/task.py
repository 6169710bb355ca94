"""The arguments of a `Task`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Annotated

from pulumi_flyte.arguments import workload
from pulumi_flyte.arguments.declaration import Declaration, Property, check
from pulumi_flyte.arguments.env import Variables
from pulumi_flyte.arguments.image import ImageArgument
from pulumi_flyte.arguments.refusal import Converted, Expected, refused
from pulumi_flyte.arguments.resources import Resources
from pulumi_flyte.arguments.task_interface import TaskInterface
from pulumi_flyte.arguments.trigger import Trigger
from pulumi_flyte.arguments.values import Flag, PlainText, Seconds, Whole, between
from pulumi_flyte.arguments.workload import Command, EnvironmentReference, Include, Inputs, Secrets, Source
from pulumi_flyte.problems import Problem

_TRIGGERS = 'expected a mapping from name to cron expression: {"nightly": "0 2 * * *"}'
_RETRIES = "expected a whole number between 0 and 100"


def _cache(value: object) -> object:
    if not isinstance(value, (bool, str)):
        raise refused(Problem("", "expected True, False or a cache version", value))
    return value


def triggers(value: object) -> object:
    """Return triggers by name. Raises with the problems of each."""
    if not isinstance(value, Mapping):
        raise refused(Problem("", _TRIGGERS, value))
    right: dict[str, Trigger] = {}
    problems: list[Problem] = []
    for name, item in value.items():
        if not isinstance(name, str):
            problems.append(Problem("", "a trigger's name is a string", name))
            continue
        if not 1 <= len(name) <= 255:
            problems.append(Problem("", "a trigger's name has between 1 and 255 characters", name))
            continue
        trigger, mistakes = check(Trigger, item)
        problems += (replace(each, path=f"{name}.{each.path}" if each.path else name) for each in mistakes)
        if trigger is not None:
            right[name] = trigger
    if problems:
        raise refused(*problems, partial=right)
    return right


Retries = Annotated[Whole, Expected(_RETRIES), between(0, 100, _RETRIES)]
Cache = Annotated[bool | str, Converted(_cache)]
Triggers = Annotated[Mapping[str, Trigger], Converted(triggers)]


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class TaskArguments(Declaration):
    """Work that is started with inputs, runs to completion and has outputs. Each version stays; dependents are
    pinned."""

    environment: Annotated[EnvironmentReference, workload.ENVIRONMENT]
    source: Annotated[
        Source | None,
        Property("`file.py:function`: a Flyte task. Without a source, an image, its command and its interface."),
    ] = None
    image: Annotated[ImageArgument | None, workload.IMAGE] = None
    command: Annotated[Command | None, Property("The program and its arguments, if there is no source.")] = None
    interface: Annotated[TaskInterface | None, Property("The inputs and outputs, if there is no source.")] = None
    inputs: Annotated[Inputs | None, workload.INPUTS] = None
    secrets: Annotated[Secrets | None, Property("Variable name to a Secret; each run reads the current value.")] = None
    env: Annotated[Variables | None, workload.ENV] = None
    resources: Annotated[Resources | None, workload.RESOURCES] = None
    retries: Annotated[Retries | None, Property("How often a failed run is repeated, at most 100 times.")] = None
    timeout: Annotated[Seconds | None, Property("Seconds that one attempt may take.")] = None
    cache: Annotated[Cache | None, Property("True, or a cache version.", default=False)] = None
    triggers: Annotated[Triggers | None, Property("Name to a cron expression, or to a schedule with inputs.")] = None
    include: Annotated[Include | None, workload.INCLUDE] = None
    description: Annotated[PlainText | None, workload.DESCRIPTION] = None
    adopt: Annotated[Flag | None, workload.ADOPT] = None
    name: Annotated[
        PlainText | None,
        Property("The Flyte name, by default the Pulumi name; a Flyte task's own (`environment.function`) wins."),
    ] = None
