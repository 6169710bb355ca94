"""The embedded control plane, where an operation needs it to run although nothing in the program starts it."""

from __future__ import annotations

from pulumi_flyte_provider.config import ProviderConfig
from pulumi_flyte_provider.errors import ProviderError


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
