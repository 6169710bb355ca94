"""From a task's arguments, its source and its references to a `TaskSpec`."""

from __future__ import annotations

from collections.abc import Mapping

from pulumi_flyte.arguments.task import TaskArguments
from pulumi_flyte.engine.outputs import Text
from pulumi_flyte.naming import names
from pulumi_flyte.problems import Problems
from pulumi_flyte.source.description import TaskDescription
from pulumi_flyte.source.loading import BundledSource
from pulumi_flyte.workload import code, older_spellings
from pulumi_flyte.workload.arguments import (
    flyte_name,
    identity_of,
    image_choice,
    resource_warnings,
    resources_of,
    variables_of,
)
from pulumi_flyte.workload.container import Container, secret_requests
from pulumi_flyte.workload.edge_credential import credentials_of
from pulumi_flyte.workload.site import Site
from pulumi_flyte.workload.task_parts import parts_of
from pulumi_flyte.workload.task_spec import TaskOptions, TaskSpec
from pulumi_flyte.workload.task_triggers import triggers_of


def task_spec(arguments: TaskArguments, site: Site, problems: Problems) -> TaskSpec:
    """Return the specification of a task. It is usable where no problems were added."""
    settings = site.settings
    include = list(arguments.include or ())
    env = variables_of(arguments.env, site.edges, problems)
    bundled = _bundled(arguments, site, env, include, problems)
    description = code.description_of(bundled)
    source = parts_of(arguments, description)
    own_name = description.name
    name = flyte_name(site.component_name, arguments.name, own_name, names.task_name_problem, problems)
    resources = resources_of(arguments.resources, source.resources, settings)
    own_env = {**source.env, **env}
    container_env = {**settings.env, **own_env}
    container = Container(
        image=image_choice(arguments.image, description, settings.image),
        command=older_spellings.with_readers(source.command, container_env),
        args=older_spellings.with_readers(source.args, container_env),
        env=container_env,
        secrets=secret_requests(site.edges.secrets, source.secrets),
        resources=resources,
        bundle=bundled.bundle if bundled is not None else code.included_files(include, problems),
        fetches_bundle=bundled is not None,
    )
    triggers = triggers_of(arguments.triggers or {}, description, source.definition, problems)
    identity = identity_of("task", name, settings)
    warnings = [
        *code.lacking_data(bundled, include),
        *older_spellings.warnings(container, own_env),
        *resource_warnings(resources),
    ]
    return TaskSpec(
        identity=identity,
        container=container,
        definition=source.definition,
        options=TaskOptions.of(arguments, settings),
        edges=site.edges,
        triggers=triggers,
        credentials=credentials_of(identity, site.edges.apps),
        depends_on=description.depends_on,
        warnings=tuple(warnings),
    )


def _bundled(
    arguments: TaskArguments, site: Site, env: Mapping[str, Text], include: list[str], problems: Problems
) -> BundledSource | None:
    source = arguments.source
    if source is None:
        runs = arguments.image and arguments.command and arguments.interface is not None
        if not runs and not any(map(problems.concern, ("source", "image", "command", "interface"))):
            problems.add("source", 'what shall run? Give source="file.py:function", or image=, command= and interface=')
        return None
    for key in ("command", "interface"):
        if getattr(arguments, key) is not None:
            problems.add(key, "a source brings its own: leave this out, or leave out source=")
    bundled = code.read_source(source, "task", site, env, include, problems)
    if bundled is not None and not isinstance(bundled.description, TaskDescription):
        problems.add("source", "not a Flyte task (a function with @env.task): declare it with App(…)", source)
        return None
    return bundled
