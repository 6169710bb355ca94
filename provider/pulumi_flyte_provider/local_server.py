"""What operations need of the embedded control plane beyond the API that every platform has."""

from __future__ import annotations

from typing import Literal

from pulumi_flyte.image import is_definition
from pulumi_flyte.source import staging

from pulumi_flyte_provider.config import ProviderConfig
from pulumi_flyte_provider.connection import CALL_TIMEOUT
from pulumi_flyte_provider.errors import ProviderError

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


def ensure_running(config: ProviderConfig) -> None:
    """For Delete: after a reboot the server is down and `pulumi destroy` starts nothing, yet its home still holds
    what is to be deleted. Does nothing on other platforms, or where no home exists (then nothing is left)."""
    if config.platform != "local":
        return
    from flyte_local import daemon
    from flyte_local.errors import LocalServerError
    from flyte_local.home import Home

    home = Home(config.local_home)
    if daemon.probe(config.local_port) is not None or not home.path.exists():
        return
    try:
        daemon.start(home, config.local_port)
    except LocalServerError as error:
        raise ProviderError(str(error)) from None
