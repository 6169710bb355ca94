"""The platform `local`: the embedded control plane of this machine, which serves the Flyte API on a loopback port.

It is identified by its home folder. The port may change, because another stack may have moved the server.
"""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from pulumi_flyte.naming import names
from pulumi_flyte.source import staging

from pulumi_flyte_provider.errors import ProviderError
from pulumi_flyte_provider.flyte_api.config import CALL_TIMEOUT, ProviderConfig, loopback_url
from pulumi_flyte_provider.flyte_api.identifiers import Named
from pulumi_flyte_provider.flyte_api.platforms.control_plane import WorkloadKind

if TYPE_CHECKING:
    from flyte_local.daemon import Info
    from flyte_local.home import Home

PYTHON_HEADER = "x-flyte-local-python"
INSTALL_TIMEOUT = 1800.0


@dataclass(frozen=True)
class LocalControlPlane:
    """The embedded control plane."""

    needs_endpoint: ClassVar[bool] = False
    identity: ClassVar[frozenset[str]] = frozenset({"platform", "org", "local_home"})
    deploys_apps: ClassVar[bool] = True
    makes_projects: ClassVar[bool] = True
    settles_at_once: ClassVar[bool] = True
    supervises_apps: ClassVar[bool] = True
    serves_public_urls: ClassVar[bool] = True
    variables_of_every_app: ClassVar[frozenset[str]] = frozenset()
    config: ProviderConfig

    @staticmethod
    def api_url(endpoint: str, *, insecure: bool, local_port: int) -> str:
        """Return the loopback URL for the port."""
        return loopback_url(local_port)

    def credentials(self) -> dict[str, str]:
        """Return no headers. The server needs no credential, and another program may listen on its port."""
        return {}

    def current_address(self) -> str:
        """Return the URL of the home's server, or the endpoint if no server runs."""
        from flyte_local import daemon

        server = daemon.find(self._home(), self.config.local_port)
        return self.config.endpoint if server is None or server.port == self.config.local_port else server.url

    def address_for_deletes(self) -> str:
        """Return the URL of the home's server, and start the server if it is down.

        After a reboot the server is down, and `pulumi destroy` does not start it, but the home still holds the objects
        to delete. If the home does not exist, there is nothing to delete.
        """
        home = self._home()
        return start_for_deletes(home, self.config.local_port).url if home.path.exists() else self.config.endpoint

    def no_answer(self, reason: str) -> str:
        """Return a message that names the port and says how to start the server."""
        home = f" --home {shlex.quote(self.config.local_home)}" if self.config.local_home else ""
        return (
            f"the local control plane does not answer at {self.config.endpoint} ({reason}): start it with"
            f" `flyte-local start --port {self.config.local_port}{home}`, or run `pulumi up` without --refresh, where"
            " an Environment (or a flyte:local:Server that this depends on) starts it"
        )

    def domain_problem(self, domain: str) -> str | None:
        """Return the problem of a domain that is not one of the server's three domains."""
        return names.local_domain_problem(domain)

    def workload_headers(self, kind: WorkloadKind, workload: Named) -> dict[str, str]:
        """Return a header with the Python that runs the workload's code. Neither the spec nor the state holds it."""
        python = staging.interpreter(kind, workload.project, workload.domain, workload.name)
        return {PYTHON_HEADER: python} if python else {}

    def deploy_timeout(self, image: str) -> float:
        """Return a longer limit for a self-describing image, because the server installs packages before it answers."""
        from flyte_local.images.definition import is_definition  # imported here, since most runs have no such image

        return INSTALL_TIMEOUT if is_definition(image) else CALL_TIMEOUT

    def _home(self) -> Home:
        from flyte_local.home import Home

        return Home(self.config.local_home)


def start_for_deletes(home: Home, port: int) -> Info:
    """Return the home's server, and start it if it is down. Deletes work on any port."""
    from flyte_local import daemon
    from flyte_local.errors import LocalServerError, PortTakenError
    from flyte_local.processes.ports import free_port

    server = daemon.find(home, port)
    if server is not None:
        return server
    try:
        try:
            return daemon.start(home, port)
        except PortTakenError:
            return daemon.start(home, free_port())
    except LocalServerError as error:
        raise ProviderError(str(error)) from None
