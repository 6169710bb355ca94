"""The platform `flyte`: Flyte OSS or Union at `flyte:endpoint`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from pulumi_flyte.naming.control_planes import url

from pulumi_flyte_provider.flyte_api.config import CALL_TIMEOUT, ProviderConfig, loopback_url
from pulumi_flyte_provider.flyte_api.credentials import bearer
from pulumi_flyte_provider.flyte_api.identifiers import Named
from pulumi_flyte_provider.flyte_api.platforms.control_plane import WorkloadKind


@dataclass(frozen=True)
class FlyteControlPlane:
    """The control plane of Flyte OSS or Union."""

    needs_endpoint: ClassVar[bool] = True
    identity: ClassVar[frozenset[str]] = frozenset({"platform", "org", "endpoint"})
    deploys_apps: ClassVar[bool] = True
    makes_projects: ClassVar[bool] = False
    settles_at_once: ClassVar[bool] = False
    supervises_apps: ClassVar[bool] = False
    serves_public_urls: ClassVar[bool] = False
    # Every installation sets these from the app's identity (flyteorg/flyte `app_client.go`), so they need not be sent.
    variables_of_every_app: ClassVar[frozenset[str]] = frozenset(
        {"FLYTE_INTERNAL_EXECUTION_PROJECT", "FLYTE_INTERNAL_EXECUTION_DOMAIN", "INTERNAL_APP_ENDPOINT_PATTERN"}
    )
    config: ProviderConfig

    @staticmethod
    def api_url(endpoint: str, *, insecure: bool, local_port: int) -> str:
        """Return the endpoint as a URL. If a preview does not know it yet, return a URL at which nothing answers."""
        return url(endpoint, insecure=insecure) if endpoint else loopback_url(local_port)

    def credentials(self) -> dict[str, str]:
        """Return the bearer token of `flyte:apiKey`."""
        key = self.config.api_key
        return {} if key is None else {"authorization": f"Bearer {bearer(self.config.endpoint, key)}"}

    def current_address(self) -> str:
        """Return the endpoint, which never changes."""
        return self.config.endpoint

    def address_for_deletes(self) -> str:
        """Return the endpoint. The plugin does not start this control plane."""
        return self.config.endpoint

    def no_answer(self, reason: str) -> str:
        """Return a message that names the endpoint and the settings to check."""
        return (
            f"no Flyte API answers at {self.config.endpoint} ({reason}): check flyte:endpoint and flyte:insecure, and"
            " that this machine reaches it"
        )

    def domain_problem(self, domain: str) -> str | None:
        """Return None, because only the API knows the domains of a project."""
        return None

    def workload_headers(self, kind: WorkloadKind, workload: Named) -> dict[str, str]:
        """Return no headers, because the spec is complete."""
        return {}

    def deploy_timeout(self, image: str) -> float:
        """Return the limit of all calls, because a deployment only stores the spec."""
        return CALL_TIMEOUT
