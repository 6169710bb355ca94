"""`TriggerSpec`: a trigger, which starts runs of a task."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from pulumi_flyte.source.description import Json


@dataclass(frozen=True, slots=True)
class TriggerInput:
    """A value for an input of the task. `literal` is the protobuf JSON of a `Literal`."""

    name: str
    literal: Json


@dataclass(frozen=True, slots=True, kw_only=True)
class TriggerSpec:
    """A trigger: a cron expression, a fixed interval, or neither (on demand).

    kickoff_time_input: the input that receives the time at which the trigger fires.
    """

    name: str
    cron: str | None = None
    timezone: str | None = None
    interval_minutes: int | None = None
    start_time: str | None = None
    active: bool | None = None
    description: str | None = None
    inputs: tuple[TriggerInput, ...] = ()
    env: Mapping[str, str] = field(default_factory=dict)
    kickoff_time_input: str | None = None
