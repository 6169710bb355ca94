"""The environment of an app's process.

Later sources take precedence: the needs of a program on this machine, Flyte's container contract, the app's own
variables, its secrets, and the values that only the server knows (the port).
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from flyte_runtime.contract import STATE_FOLDER_VARIABLE

from flyte_local.processes.environment import TASK_PATH, flyte_environment, importing, with_image
from flyte_local.state.context import Context
from flyte_local.wire.app_key import AppKey

# The first entry of an app's import path: a start-up hook that maps the declared port to the real one (app_path/).
APP_PATH = Path(__file__).parent / "app_path"
BIND_VARIABLE = "FLYTE_LOCAL_BIND"
ROOT_PATH_VARIABLE = "FLYTE_ROOT_PATH"


def app_environment(
    context: Context,
    key: AppKey,
    python: str,
    variables: Mapping[str, str],
    container: Mapping[str, str],
    secrets: Mapping[str, str],
    port: int,
    declared_port: int,
) -> dict[str, str]:
    """Return the environment of an app's process, which listens on `port`. Its app declares `declared_port`.

    `variables` belong to the app's image, and `container` to the app.
    """
    environment = {
        **with_image(flyte_environment(context, key.project, key.domain, python), variables),
        ROOT_PATH_VARIABLE: key.path,
        STATE_FOLDER_VARIABLE: str(context.home.path / "apps-state"),
        **container,
        **secrets,
        "PORT": str(port),
        BIND_VARIABLE: f"{declared_port}:{port}",
        # The SDK's hook for apps that run outside of their container: AppEnvironment.get_port() then returns the port
        # that the host chose (flyte/_internal/apple_silicon/_hostexec.py). A test pins it.
        "_F_APPLE_SILICON_ON_HOST": "1",
        "_F_APPLE_SILICON_HOST_PORT": str(port),
    }
    return importing(environment, APP_PATH, TASK_PATH)
