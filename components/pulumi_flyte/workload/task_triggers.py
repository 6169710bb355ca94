"""The triggers of a task: the argument's and the source's own, one of each name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pulumi_flyte.arguments.trigger import Trigger
from pulumi_flyte.notation.literals import literal
from pulumi_flyte.notation.proto import from_trigger
from pulumi_flyte.problems import Problems
from pulumi_flyte.source.description import Description, Json, TaskDescription
from pulumi_flyte.workload.trigger_spec import TriggerInput, TriggerSpec


def triggers_of(
    triggers: Mapping[str, Trigger], description: Description, definition: Json, problems: Problems
) -> tuple[TriggerSpec, ...]:
    """Return the triggers. `definition` has the task's interface."""
    variables = definition.get("taskTemplate", {}).get("interface", {}).get("inputs", {}).get("variables", [])
    types = {item["key"]: item["value"]["type"] for item in variables}
    declared = description.triggers if isinstance(description, TaskDescription) else ()
    specs = {item["name"]: _of_source(from_trigger(item, problems)) for item in declared}
    if problems.concern("interface") or problems.concern("source"):  # the inputs are not known
        return tuple(specs.values())
    specs |= {name: _of_argument(name, trigger, types, problems) for name, trigger in triggers.items()}
    needed = set(types) - {item["name"] for item in definition.get("defaultInputs", ())}
    for spec in specs.values():
        sent = {item.name for item in spec.inputs} | {spec.kickoff_time_input}
        for missing in sorted(needed - sent):
            path = f"triggers.{spec.name}.inputs.{missing}"
            problems.add(path, "the task needs a value for this input: give one, or a default")
    return tuple(specs.values())


def _of_argument(name: str, trigger: Trigger, types: Mapping[str, Json], problems: Problems) -> TriggerSpec:
    """Return a trigger of the arguments. `types` are those of the task's inputs."""
    inputs = sorted((trigger.inputs or {}).items())
    path = f"triggers.{name}.inputs"
    return TriggerSpec(
        name=name,
        cron=trigger.cron,
        timezone=trigger.timezone,
        interval_minutes=trigger.interval_minutes,
        active=trigger.active,
        description=trigger.description,
        inputs=tuple(
            TriggerInput(key, literal(value, types.get(key), f"{path}.{key}", problems)) for key, value in inputs
        ),
    )


def _of_source(properties: Mapping[str, Any]) -> TriggerSpec:
    """Return a trigger of the source, from the properties of `flyte:api:Trigger`."""
    inputs = tuple(TriggerInput(item["name"], item["value"]) for item in properties.get("inputs") or ())
    return TriggerSpec(**{**properties, "inputs": inputs})
