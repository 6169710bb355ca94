"""`Owner`: the component whose children are declared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import pulumi

from pulumi_flyte.engine.object_options import ObjectOptions, ObjectProperties, PropertyPath


class Owner(NamedTuple):
    """A component that declares children, with its Pulumi name and its caller's options.

    environment_providers: the explicit providers of the component's environment, one of each package at most.
    properties: those of the resource that the component stands for, if it stands for one.
    """

    component: pulumi.ComponentResource
    name: str
    options: pulumi.ResourceOptions | None = None
    environment_providers: Sequence[pulumi.ProviderResource] = ()
    properties: ObjectProperties | None = None

    @property
    def providers(self) -> list[pulumi.ProviderResource]:
        """The environment's providers of the packages for which the caller chose none. A child takes that of its own
        package; what the caller chose comes with the parent."""
        chosen = _packages(self.options)
        return [provider for provider in self.environment_providers if provider.package not in chosen]

    def child_options(self, waits_for: Sequence[pulumi.Resource] = ()) -> pulumi.ResourceOptions:
        """Return the options of a child. It waits for `waits_for` and for what the component waits for, and it has the
        component's time limits. The caller's own provider wins over the environment's."""
        options = self.options
        return pulumi.ResourceOptions(
            parent=self.component,
            providers=self.providers,
            depends_on=[*waits_for, *_dependencies(options)],
            custom_timeouts=options.custom_timeouts if options else None,
        )

    def main_options(self, waits_for: Sequence[pulumi.Resource] = ()) -> pulumi.ResourceOptions:
        """Return the options of the resource that the component stands for."""
        options = self.child_options(waits_for)
        self._object_options.add_to(options)
        return options

    @property
    def ignored(self) -> Sequence[PropertyPath]:
        """The properties of that resource whose changes are ignored."""
        return self._object_options.ignored

    @property
    def _object_options(self) -> ObjectOptions:
        return ObjectOptions.of(self.options, self.properties)


def _packages(options: pulumi.ResourceOptions | None) -> set[str]:
    """Return the packages that the caller chose providers for."""
    if options is None:
        return set()
    listed = options.providers or ()
    several = listed.values() if isinstance(listed, Mapping) else listed
    return {provider.package for provider in (*several, options.provider) if provider is not None}


def _dependencies(options: pulumi.ResourceOptions | None) -> list[pulumi.Resource]:
    listed = options.depends_on if options else None
    if listed is None:
        return []
    # The SDK takes Outputs here as well, which its type of a list does not say.
    return list(listed) if isinstance(listed, (list, tuple)) else [listed]  # type: ignore[list-item]
