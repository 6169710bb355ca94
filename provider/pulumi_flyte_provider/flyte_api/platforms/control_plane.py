"""The protocol of a platform's control plane."""

from __future__ import annotations

from typing import ClassVar, Literal, Protocol

from pulumi_flyte_provider.flyte_api.config import ProviderConfig
from pulumi_flyte_provider.flyte_api.identifiers import Named

WorkloadKind = Literal["app", "task"]


class ControlPlane(Protocol):
    """The control plane of one platform. The plugin chooses it once, from its settings.

    needs_endpoint: True if `flyte:endpoint` must be set.
    identity: the settings that identify a control plane. If one of them changes, all objects are different ones.
    deploys_apps: True if it runs apps.
    makes_projects: True if it creates a missing project when an object is deployed to it.
    settles_at_once: True if the answer to a deployment has the app's new status. On other platforms a controller sets
        the status later, and Get may answer from a cache.
    supervises_apps: True if it checks the health path, restarts failed apps, and returns the log of the newest
    revision.
    serves_public_urls: True if public URLs are always those that the plugin computes.
    variables_of_every_app: environment variables that it sets in every app. Apps must not declare them.
    """

    needs_endpoint: ClassVar[bool]
    identity: ClassVar[frozenset[str]]
    deploys_apps: ClassVar[bool]
    makes_projects: ClassVar[bool]
    settles_at_once: ClassVar[bool]
    supervises_apps: ClassVar[bool]
    serves_public_urls: ClassVar[bool]
    variables_of_every_app: ClassVar[frozenset[str]]

    @property
    def config(self) -> ProviderConfig:
        """The settings of the provider."""

    @staticmethod
    def api_url(endpoint: str, *, insecure: bool, local_port: int) -> str:
        """Return the URL of the Flyte API for these settings."""

    def credentials(self) -> dict[str, str]:
        """Return the headers that authenticate a call."""

    def current_address(self) -> str:
        """Return the URL to call now. It differs from the endpoint if the server runs on another port."""

    def address_for_deletes(self) -> str:
        """Return the URL for deletes. Start the server if it is down and still has objects."""

    def no_answer(self, reason: str) -> str:
        """Return the message about an endpoint that does not answer. It says what to do."""

    def domain_problem(self, domain: str) -> str | None:
        """Return the problem of a domain, or None. It does not ask the control plane."""

    def workload_headers(self, kind: WorkloadKind, workload: Named) -> dict[str, str]:
        """Return the headers of a deployment, with information that is not part of the spec."""

    def deploy_timeout(self, image: str) -> float:
        """Return the seconds that a deployment of this image may take."""
