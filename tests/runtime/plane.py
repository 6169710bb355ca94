"""Local control planes for single tests, with tasks that Flyte's own command line has deployed."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

# What `flyte.init_in_cluster` reads, but for the endpoint.
VARIABLES = {
    "_U_INSECURE": "true",
    "_U_ORG_NAME": "local",
    "FLYTE_INTERNAL_EXECUTION_PROJECT": "demo",
    "FLYTE_INTERNAL_EXECUTION_DOMAIN": "development",
}


@contextmanager
def control_plane(folder: Path, name: str, source: str) -> Iterator[int]:
    """Start a control plane with the environment `env` of the module `name` deployed as v1. Yields its port."""
    from flyte_local import daemon
    from flyte_local.home import Home

    from tests.ports import free_port

    home = Home(folder / "home")
    port = free_port()
    daemon.start(home, port)
    try:
        (folder / f"{name}.py").write_text(source)
        config = f"admin: {{endpoint: 'dns:///127.0.0.1:{port}', insecure: true}}\nimage: {{builder: remote}}\n"
        (folder / "config.yaml").write_text(config + "task: {org: local, project: demo, domain: development}\n")
        flyte = str(Path(sys.executable).parent / "flyte")
        command = [flyte, "--config", "config.yaml", "deploy", "--version", "v1", f"{name}.py", "env"]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
        yield port
    finally:
        daemon.stop(home, port)


def variables(port: int) -> dict[str, str]:
    """Return the variables that connect a process with the control plane at this port."""
    return {"_U_EP_OVERRIDE": f"127.0.0.1:{port}", **VARIABLES}
