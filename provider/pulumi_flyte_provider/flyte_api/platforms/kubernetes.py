"""Platform `kubernetes`: tasks and their secrets are on a Flyte control plane, if `flyte:endpoint` names one. Apps are
objects of the cluster, which this plugin does not make."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from pulumi_flyte.naming.control_planes import url

from pulumi_flyte_provider.flyte_api.platforms.flyte import FlyteControlPlane


@dataclass(frozen=True)
class KubernetesControlPlane(FlyteControlPlane):
    """The Flyte control plane beside a cluster: Flyte OSS or Union. Keys and credentials are made without one, too."""

    needs_endpoint: ClassVar[bool] = False
    deploys_apps: ClassVar[bool] = False

    @staticmethod
    def api_url(endpoint: str, *, insecure: bool, local_port: int) -> str:
        """Return the endpoint as a URL, or an empty text without one."""
        return url(endpoint, insecure=insecure) if endpoint else ""

    def no_answer(self, reason: str) -> str:
        """Name the endpoint and the settings to check, or the setting that is missing."""
        if self.config.endpoint:
            return super().no_answer(reason)
        return (
            "the platform `kubernetes` runs apps only, and tasks, triggers and Flyte's secrets need a Flyte API:"
            " `pulumi config set flyte:endpoint https://…`"
        )
