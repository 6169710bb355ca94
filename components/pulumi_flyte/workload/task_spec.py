"""From a task's arguments and its source to the properties of `flyte:api:Task`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pulumi_flyte.naming import names
from pulumi_flyte.notation import quantities
from pulumi_flyte.notation.interfaces import typed_interface
from pulumi_flyte.notation.proto import from_task_spec, from_trigger
from pulumi_flyte.notation.triggers import trigger
from pulumi_flyte.platforms import platform_for
from pulumi_flyte.problems import Problems
from pulumi_flyte.settings import Settings
from pulumi_flyte.source.description import Description, TaskDescription
from pulumi_flyte.source.loading import BundledSource
from pulumi_flyte.wiring.auth import Credential, planned, requests
from pulumi_flyte.wiring.container import secret_requests, variables
from pulumi_flyte.wiring.edges import Edges, check_env
from pulumi_flyte.workload import code, older_spellings
from pulumi_flyte.workload.arguments import (
    beside_spec,
    check_kinds,
    flyte_name,
    strings_of,
    version_over,
    warnings_of,
)

# Where a container task finds its inputs and leaves its outputs (flyte-sdk `extras/_container.py`).
INPUT_PATH, OUTPUT_PATH = "/var/inputs", "/var/outputs"


@dataclass(frozen=True)
class TaskArguments:
    """The arguments of the child resources, and what a preview should warn about."""

    arguments: dict[str, Any]
    triggers: list[dict[str, Any]]
    warnings: list[str]
    depends_on: list[str]
    credentials: Mapping[str, Credential]


def build(
    resource_name: str, given: Mapping[str, Any], settings: Settings, edges: Edges, problems: Problems
) -> TaskArguments | None:
    """None where there are problems."""
    platform = platform_for(settings.platform, problems)
    include = code.include_of(given.get("include"), problems)
    env = check_env(given.get("env"), edges, problems)
    check_kinds(given, problems)
    reading = _reading(given, settings, edges, env, include, problems)
    description = code.description_of(reading)
    if isinstance(description, TaskDescription):
        spec = from_task_spec(description.spec)
    else:
        spec = _from_container(given, problems)
    name = flyte_name(resource_name, given.get("name"), description.name, names.task_name_problem, problems)
    own = quantities.resources(given.get("resources"), problems)
    spec["resources"] = own or spec.get("resources") or quantities.resources(settings.resources, problems) or None
    spec["template"] = _template(spec.get("template", {}), given, settings, problems)
    spec["image"] = platform.image(given.get("image"), description, settings.image, problems)
    credentials = planned("task", name, settings, edges.callees)
    spec["secrets"] = [*secret_requests(edges, spec.get("secrets", ())), *requests(credentials)] or None
    triggers = _triggers(given.get("triggers"), description, spec["template"], problems)
    if problems:
        return None
    bundle = reading.bundle if reading is not None else code.included_files(include, problems)
    spec["bundle"] = code.stage("task", name, settings, bundle, platform)
    own = {**spec.get("env", {}), **env}
    for key in ("command", "args"):
        spec[key] = older_spellings.with_readers(spec.get(key), {**settings.env, **own})
    spec["env"] = variables("task", name, settings, edges, own)
    spec["name"] = name
    spec["version"] = version_over(spec)
    spec |= beside_spec(given, settings)
    # As the plugin computes it. It is sent along, so that it is known in a unit test, where no plugin runs.
    spec["console_url"] = names.console_url("tasks", name, settings.target)
    waits_for = list(description.depends_on)
    warnings = warnings_of("task", platform, given, description, settings)
    warnings += code.lacking_data(reading, include)
    warnings += older_spellings.warnings(spec, own)
    warnings += quantities.resource_warnings(spec["resources"] or {})
    return TaskArguments(spec, triggers, warnings, waits_for, credentials)


def _reading(
    given: Mapping[str, Any],
    settings: Settings,
    edges: Edges,
    env: Mapping[str, Any],
    include: list[str],
    problems: Problems,
) -> BundledSource | None:
    if "source" not in given:
        if not given.get("image") or not given.get("command") or "interface" not in given:
            problems.add("source", 'what shall run? Give source="file.py:function", or image=, command= and interface=')
        return None
    for key in ("command", "interface"):
        if key in given:
            problems.add(key, "a source brings its own: leave this out, or leave out source=")
    reading = code.read_source(
        given["source"], kind="task", settings=settings, edges=edges, env=env, include=include, problems=problems
    )
    if reading is not None and not isinstance(reading.description, TaskDescription):
        problems.add("source", "not a Flyte task (a function with @env.task): declare it with App(…)", given["source"])
        return None
    return reading


def _from_container(given: Mapping[str, Any], problems: Problems) -> dict[str, Any]:
    command = strings_of(given.get("command"), "command", problems)
    interface = typed_interface(given.get("interface", {}), problems)
    data = {"enabled": True, "inputPath": INPUT_PATH, "outputPath": OUTPUT_PATH, "format": "JSON"}
    template = {
        "type": "raw-container",
        "metadata": {"runtime": {"type": "FLYTE_SDK", "flavor": "python"}},
        "interface": interface,
        "container": {"dataConfig": data},
    }
    return {"command": command, "template": {"taskTemplate": template}}


def _template(
    template: Mapping[str, Any], given: Mapping[str, Any], settings: Settings, problems: Problems
) -> dict[str, Any]:
    """The source's template with what the arguments say differently."""
    task = dict(template.get("taskTemplate", {}))
    metadata = dict(task.get("metadata", {}))
    retries = quantities.whole(given.get("retries"))
    if retries is not None:
        if isinstance(retries, bool) or not isinstance(retries, int) or not 0 <= retries <= 100:
            problems.add("retries", "a whole number between 0 and 100", retries)
        else:
            metadata["retries"] = {"retries": retries}
    timeout = quantities.seconds(given.get("timeout"), problems, "timeout")
    if timeout is not None:
        metadata["timeout"] = f"{timeout}s"
    cache = given.get("cache")
    if cache is not None and not isinstance(cache, (bool, str)):
        problems.add("cache", "True, False or a cache version", cache)
    elif cache is not None:
        metadata["discoverable"] = bool(cache)
        if isinstance(cache, str):
            metadata["discoveryVersion"] = cache
    if settings.service_account and "runAs" not in task.get("securityContext", {}):
        account = {"runAs": {"k8sServiceAccount": settings.service_account}}
        task["securityContext"] = {**task.get("securityContext", {}), **account}
    result = {**template, "taskTemplate": {**task, "metadata": metadata}}
    if "description" in given:
        result["documentation"] = {**result.get("documentation", {}), "shortDescription": given["description"]}
    return result


def _triggers(
    given: Any, description: Description, template: Mapping[str, Any], problems: Problems
) -> list[dict[str, Any]]:
    """The argument's triggers and the source's own; one of each name."""
    if given is not None and not isinstance(given, Mapping):
        problems.add("triggers", 'a mapping from name to cron expression: {"nightly": "0 2 * * *"}', given)
        given = None
    inputs = template.get("taskTemplate", {}).get("interface", {}).get("inputs", {}).get("variables", [])
    interface = {item["key"]: item["value"]["type"] for item in inputs}
    triggers = description.triggers if isinstance(description, TaskDescription) else ()
    own = {item["name"]: from_trigger(item, problems) for item in triggers}
    declared = {}
    for name, value in (given or {}).items():
        if isinstance(name, str):
            declared[name] = trigger(name, value, interface, problems)
        else:
            problems.add(f"triggers.{name}", "a trigger's name is a string", name)
    found = {**own, **declared}
    needed = set(interface) - {item["name"] for item in template.get("defaultInputs", ())}
    for name, arguments in found.items():
        sent = {item["name"] for item in arguments.get("inputs") or ()} | {arguments.get("kickoff_time_input")}
        for missing in sorted(needed - sent):
            problems.add(
                f"triggers.{name}.inputs.{missing}", "the task needs a value for this input: give one, or a default"
            )
    return list(found.values())
