"""A connection to the cluster that objects are in, with the settings of their own provider."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pulumi
from pulumi.resource import DependencyProviderResource

from pulumi_flyte.platforms.kubernetes.cluster_reading import ClusterReader


@dataclass(frozen=True)
class Connection:
    """The kubeconfig and the context of a provider. None means the machine's own, as `kubectl` finds them."""

    kubeconfig: pulumi.Output[Any] | str | None
    context: pulumi.Output[Any] | str | None

    @classmethod
    def of(cls, provider: pulumi.ProviderResource | None) -> Connection | None:
        """Return the connection of an explicit provider, or of the one that stack configuration describes.

        Return None for a provider of which only the name is here, as the plugin gets one from another language.
        """
        if provider is None:
            config = pulumi.Config("kubernetes")
            return cls(config.get("kubeconfig"), config.get("context"))
        if isinstance(provider, DependencyProviderResource):
            return None
        # A provider's inputs are its outputs, and no class of pulumi-kubernetes declares them.
        values: Mapping[str, Any] = vars(provider)
        return cls(values.get("kubeconfig"), values.get("context"))

    async def resolved(self) -> ClusterReader:
        """Return the connection once its settings are known."""
        return ClusterReader(await _resolved(self.kubeconfig), await _resolved(self.context))


async def _resolved(value: pulumi.Output[Any] | str | None) -> str | None:
    if isinstance(value, pulumi.Output):
        value = await value.future()
    return value if isinstance(value, str) and value else None
