"""The arguments that apps and tasks have in common, as the values of their specifications."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal, TypeAlias

from flyte_runtime import contract

from pulumi_flyte.arguments.image import RequestedImage
from pulumi_flyte.arguments.resources import Resources, resource_doubts
from pulumi_flyte.engine.outputs import Text
from pulumi_flyte.image import chosen
from pulumi_flyte.problems import Problems
from pulumi_flyte.settings import Settings
from pulumi_flyte.source.description import Description
from pulumi_flyte.wiring.edges import Edges
from pulumi_flyte.workload.container import ImageChoice
from pulumi_flyte.workload.resources import ContainerResources

Variables: TypeAlias = Mapping[str, Text]


def flyte_name(
    component_name: str, argument: str | None, own: str | None, rule: Callable[[str], str | None], problems: Problems
) -> str:
    """Return the Flyte name. A Flyte source's own name wins, and a contradicting `name=` is a problem.

    `rule` says what is wrong with a name.
    """
    if own and argument and own != argument:
        problems.add("name", f"the source calls itself {own!r}: leave name= out, or rename it there", argument)
    name = str(own or (component_name if argument is None else argument))
    problems.add("name", rule(name), name)
    return name


def variables_of(argument: Variables | None, edges: Edges, problems: Problems) -> Variables:
    """Return the user's own variables. One that the wiring sets as well is a problem."""
    wired = edges.variables
    for variable in argument or ():
        if variable in wired:
            problems.add(f"env.{variable}", "an input or secret sets this variable already: rename one of them")
    return argument or {}


def image_choice(
    argument: RequestedImage | None, description: Description, default: RequestedImage | None
) -> ImageChoice:
    """Return what the platform chooses the image from. `default` is the environment's image."""
    requested = chosen(argument, description.image, default)
    return ImageChoice(requested, description.image, description.stock_image)


def resources_of(
    argument: Resources | None, source: ContainerResources | None, settings: Settings
) -> ContainerResources | None:
    """Return the resources: the argument's, else the source's own, else the environment's."""
    return ContainerResources.of(argument) or source or ContainerResources.of(settings.resources)


def resource_warnings(resources: ContainerResources | None) -> list[str]:
    """Return what a preview says about quantities that nobody means."""
    return [] if resources is None else resource_doubts(resources.properties())


def identity_of(kind: Literal["app", "task"], name: str, settings: Settings) -> contract.Identity:
    """Return who the container is."""
    return contract.Identity(kind=kind, project=settings.project, domain=settings.domain, name=name, org=settings.org)
