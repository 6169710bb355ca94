"""`Registration`: a component of a program, from its call to its resource."""

from __future__ import annotations

from typing import NamedTuple

import pulumi

from pulumi_flyte.engine import names_in_use
from pulumi_flyte.engine.option_checks import check_options
from pulumi_flyte.engine.owner import Owner
from pulumi_flyte.environment import Environment, EnvironmentArgument, settings_of
from pulumi_flyte.platforms import platform_of, stand_in_variables
from pulumi_flyte.problems import Problems
from pulumi_flyte.settings import Settings
from pulumi_flyte.wiring.consumer import ComponentKind, Consumer
from pulumi_flyte.wiring.resolution import resolve
from pulumi_flyte.workload.site import Site


class Registration(NamedTuple):
    """A component that is being registered: its Pulumi name, its environment and its caller's options."""

    kind: ComponentKind
    name: str
    environment: EnvironmentArgument
    options: pulumi.ResourceOptions | None

    def settings(self, problems: Problems) -> Settings | None:
        """Return the settings of the environment, and check that the name is free. Return None for no environment."""
        if problems.concern("environment"):
            return None
        settings = settings_of(self.environment, problems)
        if settings is not None:
            check_options(self.options, self.kind, platform_of(settings).object_properties(self.kind), problems)
        if settings is not None and not problems:
            problems.add("name", names_in_use.name_problem(self.kind, self.name, settings.place, self.options))
        return settings

    def site(self, inputs: object, secrets: object, problems: Problems) -> Site | None:
        """Return the place of a workload, with its references resolved. Return None for no environment."""
        settings = self.settings(problems)
        edges = resolve(inputs, secrets, Consumer(self.kind, self.name, settings), problems)
        return None if settings is None else Site(self.name, settings, edges, stand_in_variables(settings))

    def claim(self, settings: Settings) -> None:
        """Remember the name, once everything is right."""
        names_in_use.claim(self.kind, self.name, settings.place, self.options)

    def owner(self, component: pulumi.ComponentResource, settings: Settings) -> Owner:
        """Return the component as the owner of its children."""
        providers = self.environment.providers if isinstance(self.environment, Environment) else ()
        properties = platform_of(settings).object_properties(self.kind)
        return Owner(component, self.name, self.options, providers, properties)
