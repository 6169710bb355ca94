"""From a task's arguments, its source and its references to a `TaskSpec`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pulumi_flyte.engine.outputs import Text
from pulumi_flyte.naming import names
from pulumi_flyte.notation import quantities
from pulumi_flyte.notation.interfaces import typed_interface
from pulumi_flyte.notation.proto import from_task_spec
from pulumi_flyte.problems import Problems
from pulumi_flyte.settings import Settings
from pulumi_flyte.source.description import Description, TaskDescription
from pulumi_flyte.source.loading import BundledSource
from pulumi_flyte.workload import code, older_spellings
from pulumi_flyte.workload.app_environment import secret_requests_of
from pulumi_flyte.workload.arguments import (
    check_kinds,
    flyte_name,
    identity_of,
    image_choice,
    resource_warnings,
    resources_of,
    variables_of,
    words_of,
)
from pulumi_flyte.workload.container import Container, secret_requests
from pulumi_flyte.workload.edge_credential import credentials_of
from pulumi_flyte.workload.resources import ContainerResources
from pulumi_flyte.workload.site import Site
from pulumi_flyte.workload.task_spec import TaskOptions, TaskSpec
from pulumi_flyte.workload.task_triggers import triggers_of

# Where a container task finds its inputs and leaves its outputs (flyte-sdk `extras/_container.py`).
INPUT_PATH, OUTPUT_PATH = "/var/inputs", "/var/outputs"


def task_spec(arguments: Mapping[str, Any], site: Site, problems: Problems) -> TaskSpec:
    """Return the specification of a task. It is usable where no problems were added."""
    settings = site.settings
    include = code.include_of(arguments.get("include"), problems)
    env = variables_of(arguments.get("env"), site.edges, problems)
    check_kinds(arguments, problems)
    bundled = _bundled(arguments, site, env, include, problems)
    description = code.description_of(bundled)
    source = _parts(arguments, description, problems)
    own_name = description.name
    name = flyte_name(site.component_name, arguments.get("name"), own_name, names.task_name_problem, problems)
    resources = resources_of(
        arguments.get("resources"), ContainerResources.parse(source.get("resources", {})), settings, problems
    )
    options = _options(arguments, settings, problems)
    definition = source.get("template", {})
    own_env = {**source.get("env", {}), **env}
    container_env = {**settings.env, **own_env}
    container = Container(
        image=image_choice(arguments.get("image"), description, settings.image, problems),
        command=older_spellings.with_readers(source.get("command") or (), container_env),
        args=older_spellings.with_readers(source.get("args") or (), container_env),
        env=container_env,
        secrets=secret_requests(site.edges.secrets, secret_requests_of(source)),
        resources=resources,
        bundle=bundled.bundle if bundled is not None else code.included_files(include, problems),
        fetches_bundle=bundled is not None,
    )
    triggers = triggers_of(arguments.get("triggers"), description, definition, problems)
    identity = identity_of("task", name, settings)
    warnings = [
        *code.lacking_data(bundled, include),
        *older_spellings.warnings(container, own_env),
        *resource_warnings(resources),
    ]
    return TaskSpec(
        identity=identity,
        container=container,
        definition=definition,
        options=options,
        edges=site.edges,
        triggers=triggers,
        credentials=credentials_of(identity, site.edges.apps),
        depends_on=description.depends_on,
        warnings=tuple(warnings),
    )


def _bundled(
    arguments: Mapping[str, Any], site: Site, env: Mapping[str, Text], include: list[str], problems: Problems
) -> BundledSource | None:
    source = arguments.get("source")
    if source is None:
        if not arguments.get("image") or not arguments.get("command") or "interface" not in arguments:
            problems.add("source", 'what shall run? Give source="file.py:function", or image=, command= and interface=')
        return None
    for key in ("command", "interface"):
        if key in arguments:
            problems.add(key, "a source brings its own: leave this out, or leave out source=")
    bundled = code.read_source(source, "task", site, env, include, problems)
    if bundled is not None and not isinstance(bundled.description, TaskDescription):
        problems.add("source", "not a Flyte task (a function with @env.task): declare it with App(…)", source)
        return None
    return bundled


def _parts(arguments: Mapping[str, Any], description: Description, problems: Problems) -> Mapping[str, Any]:
    """Return the properties of `flyte:api:Task` that the source settles, or the container and its interface."""
    if isinstance(description, TaskDescription):
        return from_task_spec(description.spec)
    template = {
        "type": "raw-container",
        "metadata": {"runtime": {"type": "FLYTE_SDK", "flavor": "python"}},
        "interface": typed_interface(arguments.get("interface", {}), problems),
        "container": {
            "dataConfig": {"enabled": True, "inputPath": INPUT_PATH, "outputPath": OUTPUT_PATH, "format": "JSON"}
        },
    }
    command = words_of(arguments.get("command"), "command", problems)
    return {"command": command, "template": {"taskTemplate": template}}


def _options(arguments: Mapping[str, Any], settings: Settings, problems: Problems) -> TaskOptions:
    retries = quantities.whole(arguments.get("retries"))
    if retries is not None and (isinstance(retries, bool) or not isinstance(retries, int) or not 0 <= retries <= 100):
        problems.add("retries", "a whole number between 0 and 100", retries)
    cache = arguments.get("cache")
    if cache is not None and not isinstance(cache, (bool, str)):
        problems.add("cache", "True, False or a cache version", cache)
    return TaskOptions(
        retries=retries,
        timeout=quantities.seconds(arguments.get("timeout"), problems, "timeout"),
        cache=cache,
        description=arguments.get("description"),
        service_account=settings.service_account,
        adopt=arguments.get("adopt"),
    )
