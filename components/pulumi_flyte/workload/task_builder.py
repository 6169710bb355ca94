"""Builds a `TaskSpec` from a task's arguments, its source and its references."""

from __future__ import annotations

from collections.abc import Mapping

from pulumi_flyte.arguments.task import TaskArguments
from pulumi_flyte.engine.outputs import Text
from pulumi_flyte.naming import names
from pulumi_flyte.problems import Problems
from pulumi_flyte.source.description import TaskDescription
from pulumi_flyte.source.loading import BundledSource
from pulumi_flyte.workload import code
from pulumi_flyte.workload.container_builder import container_of, container_warnings, variables_of
from pulumi_flyte.workload.contract import Contract
from pulumi_flyte.workload.edge_credential import credentials_of
from pulumi_flyte.workload.identity import flyte_name, identity_of
from pulumi_flyte.workload.site import Site
from pulumi_flyte.workload.task_parts import parts_of
from pulumi_flyte.workload.task_spec import TaskOptions, TaskSpec
from pulumi_flyte.workload.task_triggers import triggers_of


def task_spec(arguments: TaskArguments, site: Site, problems: Problems) -> TaskSpec:
    """Return the specification of a task. It is usable if no problems were added."""
    settings = site.settings
    env = variables_of(arguments, site, problems)
    bundled = _bundled(arguments, site, env, problems)
    description = code.description_of(bundled)
    source = parts_of(arguments, description)
    name = flyte_name(site.component_name, arguments.name, description.name, names.task_name_problem, problems)
    parts = source.container._replace(env={**source.container.env, **env})
    container = container_of(arguments, parts, bundled, site, problems)
    identity = identity_of("task", name, settings)
    return TaskSpec(
        identity=identity,
        container=container,
        definition=source.definition,
        options=TaskOptions.of(arguments, settings),
        edges=site.edges,
        triggers=triggers_of(arguments.triggers or {}, description, source.definition, problems),
        credentials=credentials_of(identity, site.edges.apps),
        depends_on=description.depends_on,
        starts=description.starts if isinstance(description, TaskDescription) else (),
        warnings=container_warnings(container, parts, bundled, arguments),
        contract=Contract.of(description),
    )


def _bundled(arguments: TaskArguments, site: Site, env: Mapping[str, Text], problems: Problems) -> BundledSource | None:
    source = arguments.source
    if source is None:
        runs = arguments.image and arguments.command and arguments.interface is not None
        if not runs and not any(map(problems.concern, ("source", "image", "command", "interface"))):
            reason = 'nothing to run is declared: pass source="file.py:function", or image=, command= and interface='
            problems.add("source", reason)
        return None
    for key in ("command", "interface"):
        if getattr(arguments, key) is not None:
            problems.add(key, f"a source has its own {key}: leave this out, or leave out source=")
    bundled = code.read_source(source, "task", site, env, arguments.include or (), problems)
    if bundled is not None and not isinstance(bundled.description, TaskDescription):
        problems.add("source", "not a Flyte task (a function with @env.task): declare it with App(…)", source)
        return None
    return bundled
