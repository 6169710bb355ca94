"""The triggers of a task: the argument's and the source's own, one of each name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pulumi_flyte.notation.proto import from_trigger
from pulumi_flyte.notation.triggers import trigger
from pulumi_flyte.problems import Problems
from pulumi_flyte.source.description import Description, Json, TaskDescription
from pulumi_flyte.workload.trigger_spec import TriggerInput, TriggerSpec


def triggers_of(
    argument: Any, description: Description, definition: Json, problems: Problems
) -> tuple[TriggerSpec, ...]:
    """Return the triggers. `definition` has the task's interface."""
    if argument is not None and not isinstance(argument, Mapping):
        problems.add("triggers", 'a mapping from name to cron expression: {"nightly": "0 2 * * *"}', argument)
        argument = None
    variables = definition.get("taskTemplate", {}).get("interface", {}).get("inputs", {}).get("variables", [])
    interface = {item["key"]: item["value"]["type"] for item in variables}
    own = description.triggers if isinstance(description, TaskDescription) else ()
    triggers = {item["name"]: _spec(from_trigger(item, problems)) for item in own}
    for name, value in (argument or {}).items():
        if isinstance(name, str):
            properties = trigger(name, value, interface, problems)
            triggers[name] = _spec({"name": name, **properties})
        else:
            problems.add(f"triggers.{name}", "a trigger's name is a string", name)
    needed = set(interface) - {item["name"] for item in definition.get("defaultInputs", ())}
    for spec in triggers.values():
        sent = {item.name for item in spec.inputs} | {spec.kickoff_time_input}
        for missing in sorted(needed - sent):
            path = f"triggers.{spec.name}.inputs.{missing}"
            problems.add(path, "the task needs a value for this input: give one, or a default")
    return tuple(triggers.values())


def _spec(properties: Mapping[str, Any]) -> TriggerSpec:
    """Return the properties of `flyte:api:Trigger` as a value."""
    inputs = tuple(TriggerInput(item["name"], item["value"]) for item in properties.get("inputs") or ())
    return TriggerSpec(**{**properties, "inputs": inputs})
