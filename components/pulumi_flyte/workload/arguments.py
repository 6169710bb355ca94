"""The arguments that apps and tasks have in common, as the values of their specifications."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

import pulumi
from flyte_runtime import contract

from pulumi_flyte.engine.outputs import Text
from pulumi_flyte.image import chosen, image_of
from pulumi_flyte.notation import quantities
from pulumi_flyte.problems import Problems
from pulumi_flyte.settings import Settings, check_variable
from pulumi_flyte.source.description import Description
from pulumi_flyte.wiring.edges import Edges, entries_of
from pulumi_flyte.workload.container import ImageChoice
from pulumi_flyte.workload.resources import ContainerResources

_KINDS: dict[type, tuple[tuple[str, ...], str]] = {
    bool: (("requires_auth", "active", "adopt"), "True or False"),
    str: (("description", "service_account", "name", "auth_rotation"), "a plain string"),
}


def check_kinds(arguments: Mapping[str, Any], problems: Problems) -> None:
    """Check the arguments that are passed on as they are."""
    for kind, (keys, expected) in _KINDS.items():
        for key in keys:
            if key in arguments and not isinstance(arguments[key], kind):
                problems.add(key, expected, arguments[key])


def flyte_name(
    component_name: str, argument: Any, own: str | None, rule: Callable[[str], str | None], problems: Problems
) -> str:
    """Return the Flyte name. A Flyte source's own name wins, and a contradicting `name=` is a problem.

    `rule` says what is wrong with a name.
    """
    if own and argument and own != argument:
        problems.add("name", f"the source calls itself {own!r}: leave name= out, or rename it there", argument)
    name = str(own or (component_name if argument is None else argument))
    problems.add("name", rule(name), name)
    return name


def words_of(argument: Any, path: str, problems: Problems) -> tuple[Text, ...]:
    """Return a command or its arguments: a list of strings, each of which may be an Output."""
    if argument is None:
        return ()
    words = isinstance(argument, Sequence) and all(isinstance(part, (str, pulumi.Output)) for part in argument)
    if isinstance(argument, str) or not words:
        problems.add(path, 'a list of strings, one per word: ["streamlit", "run", "page.py"]', argument)
        return ()
    return tuple(argument)


def variables_of(argument: Any, edges: Edges, problems: Problems) -> dict[str, Any]:
    """Return the user's own variables: legal names, none that the wiring or the platform sets."""
    variables = dict(entries_of(argument, "env", problems))
    wired = edges.variables
    for variable, value in variables.items():
        check_variable(variable, value, problems)
        if variable in wired:
            problems.add(f"env.{variable}", "an input or secret sets this variable already: rename one of them")
    return variables


def image_choice(argument: Any, description: Description, default: Any, problems: Problems) -> ImageChoice:
    """Return what the platform chooses the image from. `default` is the environment's image."""
    requested = image_of(chosen(argument, description.image, default), "image", problems)
    return ImageChoice(requested, description.image, description.stock_image)


def resources_of(
    argument: Any, source: ContainerResources | None, settings: Settings, problems: Problems
) -> ContainerResources | None:
    """Return the resources: the argument's, else the source's own, else the environment's."""
    own = ContainerResources.parse(quantities.resources(argument, problems))
    default = ContainerResources.parse(quantities.resources(settings.resources, problems))
    return own or source or default


def resource_warnings(resources: ContainerResources | None) -> list[str]:
    """Return what a preview says about quantities that nobody means."""
    return [] if resources is None else quantities.resource_warnings(resources.properties())


def identity_of(kind: Literal["app", "task"], name: str, settings: Settings) -> contract.Identity:
    """Return who the container is."""
    return contract.Identity(kind=kind, project=settings.project, domain=settings.domain, name=name, org=settings.org)
