"""What operations need of the embedded control plane beyond the API that every platform has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pulumi_flyte.image import is_definition
from pulumi_flyte.source import staging

from pulumi_flyte_provider.errors import ProviderError
from pulumi_flyte_provider.flyte_api.config import ProviderConfig
from pulumi_flyte_provider.flyte_api.connection import CALL_TIMEOUT, Connection

if TYPE_CHECKING:
    from flyte_local.daemon import Info
    from flyte_local.home import Home

PYTHON_HEADER = "x-flyte-local-python"
INSTALL_TIMEOUT = 1800.0


def deploy_timeout(image: str) -> float:
    """Seconds that a deploy may take: the server installs a self-describing image's packages before it answers."""
    return INSTALL_TIMEOUT if is_definition(image) else CALL_TIMEOUT


def interpreter(
    config: ProviderConfig, kind: Literal["app", "task"], project: str, domain: str, name: str
) -> dict[str, str]:
    """The header that says with which Python of this machine an object's code runs: it is in no spec and no state."""
    if config.platform != "local":
        return {}
    python = staging.interpreter(kind, project, domain, name)
    return {PYTHON_HEADER: python} if python else {}


def following(connection: Connection) -> Connection:
    """Return a connection to the port where the home's server runs now, which another stack may have moved.

    Names and endpoints stay those of the settings. On other platforms, and where no server runs, nothing changes.
    """
    if connection.config.platform != "local":
        return connection
    from flyte_local import daemon
    from flyte_local.home import Home

    config = connection.config
    server = daemon.find(Home(config.local_home), config.local_port)
    return connection if server is None or server.port == config.local_port else Connection(config, server.url)


def brief(connection: Connection) -> Connection:
    """Return the connection with which a preview looks at the platform."""
    return Connection(connection.config, following(connection).address, brief=True)


def running(connection: Connection) -> Connection:
    """Return a connection for Delete, which follows the home's server and starts it where it is down.

    After a reboot the server is down and `pulumi destroy` starts nothing, yet the home still holds what is to be
    deleted. Where no home exists, nothing is left to delete.
    """
    config = connection.config
    if config.platform != "local":
        return connection
    from flyte_local.home import Home

    home = Home(config.local_home)
    return Connection(config, start_for_deletes(home, config.local_port).url) if home.path.exists() else connection


def start_for_deletes(home: Home, port: int) -> Info:
    """Return the home's server, on any port: whoever deletes does not depend on where it runs."""
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
