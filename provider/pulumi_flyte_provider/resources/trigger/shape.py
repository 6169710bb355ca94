"""The inputs of `flyte:api:Trigger`. Limits: flyteidl2 `task/common.proto`, `trigger/*.proto` (buf.validate)."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Annotated

from flyteidl2.task.common_pb2 import NamedLiteral
from google.protobuf import json_format
from pulumi_flyte.arguments.trigger import timezone_problem
from pulumi_flyte.problems import Problems
from pydantic import Strict

from pulumi_flyte_provider.properties.field_types import (
    Bool,
    Cron,
    Environment,
    Json,
    NonEmpty,
    Scope,
    TaskName,
    Text,
    Version,
    Whole,
    at_most,
    between,
    rule,
)
from pulumi_flyte_provider.properties.shape import Shape, optional_field, required_field
from pulumi_flyte_provider.properties.values import Properties, has_unknown

_NAME = re.compile(r"[A-Za-z0-9._-]+")


def _name(text: str) -> str | None:
    if not text:
        return "it must not be empty"
    # A name is a part of the trigger's id, of URLs and of file names.
    return None if _NAME.fullmatch(text) else "a trigger's name is letters, digits, '-', '_' and '.'"


def _time(text: str) -> str | None:
    try:
        parsed = datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        return "a time is RFC 3339, such as 2026-01-31T02:00:00Z"
    return None if parsed.tzinfo is not None else "a time needs its offset, such as 2026-01-31T02:00:00Z"


class TriggerInputs(Shape):
    """A trigger of a task: a cron expression, a fixed interval, or neither (on demand)."""

    name: Annotated[str, Strict(), rule(_name), at_most(255, "a name")] = required_field(
        "The trigger's name: letters, digits, '-', '_' and '.', at most 255 characters."
    )
    task: TaskName = required_field("The task's name.")
    task_version: Version = required_field("The version of the task that the trigger starts.")
    project: Scope | None = optional_field("The Flyte project; by default the provider's, or the stack's.")
    domain: Scope | None = optional_field("The Flyte domain; by default the provider's, or the stack's.")
    org: Text | None = optional_field("The organisation; by default the provider's.")
    cron: Cron | None = optional_field("A cron expression of five fields.")
    timezone: Annotated[str, Strict(), rule(timezone_problem)] | None = optional_field(
        "The time zone of the cron expression. Default: UTC."
    )
    interval_minutes: Annotated[int, Strict(), between(1, None, "an interval in minutes")] | None = optional_field(
        "A fixed interval in minutes."
    )
    start_time: Annotated[str, Strict(), rule(_time)] | None = optional_field(
        "The start of a fixed interval (RFC 3339)."
    )
    active: Bool | None = optional_field("False turns the trigger off.")
    description: Annotated[str, Strict(), at_most(255, "a description")] | None = optional_field("A short text.")
    inputs: list[Json] | None = optional_field("The run's inputs: protobuf JSON of `flyteidl2.task.NamedLiteral`.")
    env: Environment | None = optional_field("Variables of the run.")
    kickoff_time_input: NonEmpty | None = optional_field("The input that gets the time of firing.")
    instance: Whole | None = optional_field("The local server's epoch: another one deploys the trigger again.")
    adopt: Bool | None = optional_field("Take over an existing trigger that does not belong to this resource.")


def check_together(revealed: Properties, problems: Problems) -> None:
    """Check the rules that span several properties of revealed inputs. Some values may be unknown."""
    cron, interval = revealed.get("cron"), revealed.get("intervalMinutes")
    if cron is not None and interval is not None:
        problems.add("cron", "a trigger has one schedule: give cron or intervalMinutes, not both")
    if revealed.get("timezone") is not None and cron is None:
        problems.add("timezone", "only a cron expression has a time zone")
    if revealed.get("startTime") is not None and interval is None:
        problems.add("startTime", "only a fixed interval has a start")
    if revealed.get("kickoffTimeInput") is not None and cron is None and interval is None:
        problems.add("kickoffTimeInput", "only a schedule has a time of firing")
    inputs = revealed.get("inputs")
    for index, literal in enumerate(inputs if isinstance(inputs, list) else ()):
        if not isinstance(literal, dict) or has_unknown(literal):
            continue
        try:
            json_format.ParseDict(literal, NamedLiteral())
        except json_format.ParseError as error:
            problems.add(f"inputs[{index}]", f"not the protobuf JSON of a flyteidl2.task.NamedLiteral: {error}")
