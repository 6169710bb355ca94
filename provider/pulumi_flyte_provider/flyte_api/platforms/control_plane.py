"""The protocol that every platform's control plane follows."""

from __future__ import annotations

from typing import ClassVar, Literal, Protocol

from pulumi_flyte_provider.flyte_api.config import ProviderConfig
from pulumi_flyte_provider.flyte_api.identifiers import Named

WorkloadKind = Literal["app", "task"]


class ControlPlane(Protocol):
    """The control plane of one platform. The plugin chooses it once, from its settings.

    needs_endpoint: `flyte:endpoint` says where it is.
    identity: the settings that tell two control planes apart. Another value means other objects.
    deploys_apps: it runs apps.
    makes_projects: it makes a project that does not exist when an object is deployed to it.
    settles_at_once: the answer to a deployment already has the app's new status. Elsewhere a controller sets the status
        later, and Get may answer from a cache.
    supervises_apps: it asks the health path, starts a failed app again, and gives the log of the newest revision.
    serves_public_urls: public URLs are always those that the plugin computes.
    variables_of_every_app: environment variables that it sets in every app and that no app may declare.
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
        """The settings that it was chosen by."""

    @staticmethod
    def api_url(endpoint: str, *, insecure: bool, local_port: int) -> str:
        """Return the URL of the Flyte API for these settings."""

    def credentials(self) -> dict[str, str]:
        """Return the headers that authenticate a call."""

    def current_address(self) -> str:
        """Return the URL to call now. It differs from the endpoint where the server runs on another port."""

    def address_for_deletes(self) -> str:
        """Return the URL that Delete calls, and start the server there if it is down and still has objects."""

    def no_answer(self, reason: str) -> str:
        """Return the message about an endpoint that does not answer, with what to do."""

    def domain_problem(self, domain: str) -> str | None:
        """Return why a domain cannot be used, as far as that is known without asking."""

    def workload_headers(self, kind: WorkloadKind, workload: Named) -> dict[str, str]:
        """Return the headers of a deployment: what the control plane must know and no spec holds."""

    def deploy_timeout(self, image: str) -> float:
        """Return the seconds that a deployment of this image may take."""
