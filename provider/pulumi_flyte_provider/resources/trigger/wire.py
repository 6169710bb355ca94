"""Converts `TriggerInputs` to the messages of TriggerService and back. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from flyteidl2.core.literals_pb2 import KeyValuePair
from flyteidl2.task import common_pb2
from flyteidl2.task.run_pb2 import RunSpec
from flyteidl2.trigger.trigger_definition_pb2 import TriggerDetails, TriggerSpec
from google.protobuf import json_format

from pulumi_flyte_provider.ownership import mark as marks
from pulumi_flyte_provider.ownership.mark import Mark
from pulumi_flyte_provider.properties.normal_form import NormalForm
from pulumi_flyte_provider.properties.values import Properties, without_nones
from pulumi_flyte_provider.resources.trigger.shape import TriggerInputs

_UNITS = {
    common_pb2.FIXED_RATE_UNIT_MINUTE: 1,
    common_pb2.FIXED_RATE_UNIT_HOUR: 60,
    common_pb2.FIXED_RATE_UNIT_DAY: 24 * 60,
}


@dataclass(frozen=True)
class LiveTrigger:
    """The content of a trigger: the inputs for it, and the mark."""

    inputs: Properties
    mark: Mark | None


def spec(trigger: TriggerInputs, mark: Mark | None) -> TriggerSpec:
    """Return the part of the message about the run. The mark is an annotation of the run."""
    literals = [json_format.ParseDict(item, common_pb2.NamedLiteral()) for item in trigger.inputs or ()]
    run = RunSpec()
    env = trigger.env or {}
    run.envs.values.extend(KeyValuePair(key=key, value=env[key]) for key in sorted(env))
    if mark is not None:
        run.annotations.values[marks.VARIABLE] = mark.to_json()
    return TriggerSpec(
        active=trigger.active is not False,
        task_version=trigger.task_version,
        description=trigger.description,
        inputs=common_pb2.Inputs(literals=literals),
        run_spec=run,
    )


def automation(trigger: TriggerInputs) -> common_pb2.TriggerAutomationSpec:
    """Return the part of the message about the schedule."""
    result = common_pb2.TriggerAutomationSpec(type=common_pb2.TYPE_NONE)
    if trigger.cron is not None:
        result.type = common_pb2.TYPE_SCHEDULE
        result.schedule.cron.expression = trigger.cron
        result.schedule.cron.timezone = trigger.timezone or "UTC"
    elif trigger.interval_minutes is not None:
        result.type = common_pb2.TYPE_SCHEDULE
        result.schedule.rate.value = trigger.interval_minutes
        result.schedule.rate.unit = common_pb2.FIXED_RATE_UNIT_MINUTE
        if trigger.start_time is not None:
            result.schedule.rate.start_time.FromJsonString(trigger.start_time)
    if trigger.kickoff_time_input is not None:
        result.schedule.kickoff_time_input_arg = trigger.kickoff_time_input
    return result


def read(live: TriggerDetails) -> LiveTrigger:
    """Return the inputs for these messages."""
    run = live.spec.run_spec
    env = {pair.key: pair.value for pair in run.envs.values}
    text = run.annotations.values.get(marks.VARIABLE) or env.pop(marks.VARIABLE, None)
    inputs = {
        "taskVersion": live.spec.task_version or None,
        "active": live.spec.active,
        "description": live.spec.description or live.description or None,
        "inputs": [json_format.MessageToDict(literal) for literal in live.spec.inputs.literals] or None,
        "env": env or None,
        **_read_schedule(live.automation_spec),
    }
    return LiveTrigger(without_nones(inputs), Mark.from_json(text))


def _read_schedule(automation: common_pb2.TriggerAutomationSpec) -> Properties:
    if automation.type != common_pb2.TYPE_SCHEDULE:
        return {}
    schedule = automation.schedule
    schedule_inputs: Properties = {"kickoffTimeInput": schedule.kickoff_time_input_arg or None}
    kind = schedule.WhichOneof("expression")
    if kind == "cron":
        schedule_inputs.update({"cron": schedule.cron.expression, "timezone": schedule.cron.timezone or "UTC"})
    elif kind == "cron_expression":
        schedule_inputs.update({"cron": schedule.cron_expression, "timezone": "UTC"})
    elif kind == "rate":
        schedule_inputs["intervalMinutes"] = schedule.rate.value * _UNITS.get(schedule.rate.unit, 1)
        if schedule.rate.HasField("start_time"):
            schedule_inputs["startTime"] = schedule.rate.start_time.ToJsonString()
    return schedule_inputs


def _round_trip(work: Properties) -> Properties:
    trigger = TriggerInputs.model_validate({"taskVersion": "any", **work, "name": "any", "task": "any"})
    live = TriggerDetails(spec=spec(trigger, None), automation_spec=automation(trigger))
    inputs = read(live).inputs
    return {key: value for key, value in inputs.items() if key != "taskVersion" or "taskVersion" in work}


NORMAL_FORM = NormalForm(
    _round_trip, outside=frozenset({"name", "task", "project", "domain", "org", "instance", "adopt"})
)
