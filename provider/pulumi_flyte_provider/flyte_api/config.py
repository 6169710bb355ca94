"""The provider's configuration as a value."""

from __future__ import annotations

from pulumi_flyte.naming import names
from pydantic import BaseModel, ConfigDict, SecretStr

CALL_TIMEOUT = 30.0


def loopback_url(port: int) -> str:
    """Return the URL of the embedded control plane."""
    return f"http://127.0.0.1:{port}"


class ProviderConfig(BaseModel):
    """The settings of the provider, with defaults. Its repr never shows the API key."""

    model_config = ConfigDict(frozen=True)

    platform: names.Platform = "local"
    endpoint: str
    project: str | None = None
    domain: str | None = None
    org: str = "local"
    api_key: SecretStr | None = None
    base_domain: str | None = None
    scheme: str = "https"
    console_url: str | None = None
    namespace: str | None = None
    local_port: int = names.DEFAULT_LOCAL_PORT
    local_home: str | None = None

    def target(self, project: str, domain: str) -> names.Target:
        """Return the values from which names and endpoints of a project and domain are computed."""
        return names.Target(
            platform=self.platform,
            project=project,
            domain=domain,
            org=self.org,
            local_port=self.local_port,
            base_domain=self.base_domain,
            scheme=self.scheme,
            namespace=self.namespace or names.default_namespace(self.platform, project, domain),
            api_url=self.endpoint,
            console=self.console_url and self.console_url.rstrip("/"),
        )
