"""The platform `kubernetes`. Tasks and their secrets are on a Flyte control plane, if `flyte:endpoint` names one.

Apps are objects of the cluster, which other plugins create.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from pulumi_flyte.naming.control_planes import url

from pulumi_flyte_provider.flyte_api.platforms.flyte import FlyteControlPlane


@dataclass(frozen=True)
class KubernetesControlPlane(FlyteControlPlane):
    """The Flyte control plane next to a cluster, if there is one. Keys and credentials of apps do not need it."""

    needs_endpoint: ClassVar[bool] = False
    deploys_apps: ClassVar[bool] = False

    @staticmethod
    def api_url(endpoint: str, *, insecure: bool, local_port: int) -> str:
        """Return the endpoint as a URL, or an empty text without one."""
        return url(endpoint, insecure=insecure) if endpoint else ""

    def no_answer(self, reason: str) -> str:
        """Return a message that names the endpoint and the settings to check, or the missing setting."""
        if self.config.endpoint:
            return super().no_answer(reason)
        return (
            "the platform `kubernetes` runs apps only, and tasks, triggers and Flyte's secrets need a Flyte API:"
            " `pulumi config set flyte:endpoint https://…`"
        )
