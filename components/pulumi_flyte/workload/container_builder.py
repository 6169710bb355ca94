"""Builds a `Container` from a workload's arguments and its source."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from pulumi_flyte.arguments.env import Variables
from pulumi_flyte.arguments.resources import resource_doubts
from pulumi_flyte.engine.outputs import Text
from pulumi_flyte.problems import Problems
from pulumi_flyte.source.description import AppEnvironmentDescription, TaskDescription
from pulumi_flyte.source.loading import BundledSource
from pulumi_flyte.workload import code, older_spellings
from pulumi_flyte.workload.container import Container, ImageChoice, SecretRequest, secret_requests
from pulumi_flyte.workload.resources import ContainerResources
from pulumi_flyte.workload.site import Site

# A program of apps does not pay for the declaration of tasks.
if TYPE_CHECKING:
    from pulumi_flyte.arguments.app import AppArguments
    from pulumi_flyte.arguments.task import TaskArguments


class ContainerParts(NamedTuple):
    """The parts of a container besides image, files and references. Most of them come from the source.

    env: the workload's own variables, without those of its environment.
    """

    command: tuple[Text, ...] = ()
    args: tuple[Text, ...] = ()
    env: Mapping[str, Text] = {}
    secrets: tuple[SecretRequest, ...] = ()
    resources: ContainerResources | None = None

    @classmethod
    def parse(cls, properties: Mapping[str, Any]) -> ContainerParts:
        """Return these parts of the properties of `flyte:api:App` or `flyte:api:Task`."""
        return cls(
            command=tuple(properties.get("command", ())),
            args=tuple(properties.get("args", ())),
            env=properties.get("env", {}),
            secrets=tuple(
                SecretRequest(item["key"], item.get("envVar"), item.get("group"), item.get("mount"))
                for item in properties.get("secrets", ())
            ),
            resources=ContainerResources.parse(properties.get("resources", {})),
        )


def variables_of(arguments: AppArguments | TaskArguments, site: Site, problems: Problems) -> Variables:
    """Return the user's own variables. One that the wiring sets as well is a problem."""
    wired = site.edges.variables
    for variable in arguments.env or ():
        if variable in wired:
            problems.add(f"env.{variable}", "an input or secret sets this variable already: rename one of them")
    return arguments.env or {}


def container_of(
    arguments: AppArguments | TaskArguments,
    parts: ContainerParts,
    bundled: BundledSource | None,
    site: Site,
    problems: Problems,
) -> Container:
    """Return the container. Where the arguments and the source say nothing, the environment has defaults.

    parts: with the command and the variables of the arguments.
    """
    settings, description = site.settings, code.description_of(bundled)
    env = {**settings.env, **parts.env}
    default_resources = ContainerResources.of(settings.resources)
    return Container(
        image=ImageChoice.of(arguments.image, description, settings.image),
        command=older_spellings.with_readers(parts.command, env),
        args=older_spellings.with_readers(parts.args, env),
        env=env,
        secrets=secret_requests(site.edges.secrets, parts.secrets),
        resources=ContainerResources.of(arguments.resources) or parts.resources or default_resources,
        bundle=bundled.bundle if bundled is not None else code.included_files(arguments.include or (), problems),
        fetches_bundle=isinstance(description, (AppEnvironmentDescription, TaskDescription)),
    )


def container_warnings(
    container: Container,
    parts: ContainerParts,
    bundled: BundledSource | None,
    arguments: AppArguments | TaskArguments,
) -> tuple[str, ...]:
    """Return what a preview says of a container on every platform."""
    resources = container.resources
    return (
        *code.lacking_data(bundled, arguments.include or ()),
        *older_spellings.warnings(container, parts.env),
        *(() if resources is None else resource_doubts(resources.properties())),
    )
