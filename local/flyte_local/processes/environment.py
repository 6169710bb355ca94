"""The environment that processes start with. It is built from nothing, and never inherited.

The server's own environment is not passed on. So no process gets `PULUMI_*` or a credential that the person who started
the server had exported.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path

from flyte_runtime.contract import TELEMETRY_VARIABLE

from flyte_local.state.context import ORGANIZATION, Context

SYSTEM_PATH = "/usr/local/bin:/usr/bin:/bin"
# First on the import path of every process: files as Flyte's SDK and fsspec have them on a cluster.
TASK_PATH = Path(__file__).parent / "task_path"
PROCESS_VARIABLE = "FLYTE_LOCAL_PROCESS"
# Variables of the machine, as opposed to a person's shell: the home, the encoding of text, the way to the network.
_PASSED = (
    "HOME", "USER", "LOGNAME", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "TMPDIR", "SSL_CERT_FILE", "SSL_CERT_DIR",
    "REQUESTS_CA_BUNDLE", "HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy", "LD_LIBRARY_PATH",
    "CUDA_VISIBLE_DEVICES", "XDG_CACHE_HOME",
)  # fmt: skip
_REFERENCE = re.compile(r"\$(?:(\w+)|\{(\w+)\})")
_LOOPBACK_HOSTS = "127.0.0.1,localhost,.localhost"


def machine_environment(environ: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the variables that any program on this machine needs, from the given or this process's environment."""
    source = os.environ if environ is None else environ
    passed = {name: source[name] for name in _PASSED if name in source}
    if any(name.lower().endswith("_proxy") for name in passed):
        # Processes reach the server and each other directly, not through the proxy of the machine.
        outside = source.get("NO_PROXY") or source.get("no_proxy")
        passed["NO_PROXY"] = passed["no_proxy"] = ",".join(filter(None, (outside, _LOOPBACK_HOSTS)))
    return passed


def flyte_environment(context: Context, project: str, domain: str, python: str) -> dict[str, str]:
    """Return the variables that Flyte's SDK reads in a container, for apps and tasks (`flyte.init_in_cluster`)."""
    return {
        **machine_environment(),
        "PATH": f"{Path(python).parent}:{SYSTEM_PATH}",
        "PYTHONUNBUFFERED": "1",
        "_U_EP_OVERRIDE": f"127.0.0.1:{context.port}",
        "_U_INSECURE": "true",
        "_U_ORG_NAME": ORGANIZATION,
        # As in Flyte's charts. The SDK sends conditions through ActionsService only, not through QueueService.
        "_U_USE_ACTIONS": "1",
        "FLYTE_INTERNAL_EXECUTION_PROJECT": project,
        "FLYTE_INTERNAL_EXECUTION_DOMAIN": domain,
        "INTERNAL_APP_ENDPOINT_PATTERN": f"{context.url}/apps/{project}/{domain}/{{app_fqdn}}",
        "FSSPEC_FILE_AUTO_MKDIR": "true",
        # Flyte's SDK would send reports of its errors to its vendor.
        TELEMETRY_VARIABLE: os.environ.get(TELEMETRY_VARIABLE, "true"),
        "PYTHONPATH": str(TASK_PATH),
    }


def with_image(environment: Mapping[str, str], variables: Mapping[str, str]) -> dict[str, str]:
    """Return the environment with an image's variables. As in a Dockerfile, `$NAME` is the previous value of NAME."""
    result = dict(environment)
    for name, value in variables.items():
        result[name] = _REFERENCE.sub(lambda match: environment.get(match[1] or match[2], ""), value)
    return result


def importing(environment: Mapping[str, str], *paths: Path) -> dict[str, str]:
    """Return the environment of a process whose interpreters look into these folders first."""
    ours = [str(path) for path in paths]
    folders = [folder for folder in environment.get("PYTHONPATH", "").split(os.pathsep) if folder not in ours]
    return {**environment, "PYTHONPATH": os.pathsep.join([*ours, *filter(None, folders)])}
