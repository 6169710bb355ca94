"""A Flyte endpoint for programs on the test cluster: the local control plane, and a way to it for pods."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
from flyte_local.processes.ports import free_port

from tests.e2e.harness import ROOT, VENV_BIN
from tests.kubernetes.cluster.home import ADDRESS

PATIENCE = 30.0


@dataclass(frozen=True)
class ControlPlane:
    """One that runs. `port` is of loopback, `gateway_port` of the node's address."""

    home: Path
    port: int
    gateway_port: int

    @property
    def endpoint(self) -> str:
        """The URL of its API, which pods reach as well."""
        return f"http://{ADDRESS}:{self.gateway_port}"

    @property
    def settings(self) -> Mapping[str, str]:
        """Stack configuration that names it."""
        return {"flyte:endpoint": self.endpoint, "flyte:insecure": "true"}

    def add_project(self, name: str) -> None:
        """Make a Flyte project, which an Environment on a cluster does not do by itself."""
        url = f"http://127.0.0.1:{self.port}/flyteidl2.project.ProjectService/CreateProject"
        response = httpx.post(url, json={"project": {"id": name, "name": name}}, trust_env=False)
        assert response.is_success or "already" in response.text, response.text


@contextmanager
def running(folder: Path, environment: Mapping[str, str]) -> Iterator[ControlPlane]:
    """Run one inside the cluster's network, with its state in `folder`."""
    plane = ControlPlane(folder / "home", free_port(), free_port())
    variables = {**environment, "FLYTE_LOCAL_HOME": str(plane.home)}
    command = str(VENV_BIN / "flyte-local")
    subprocess.run([command, "start", "--port", str(plane.port)], env=variables, cwd=folder, check=True)
    arguments = [str(plane.gateway_port), str(plane.port)]
    gateway = subprocess.Popen(
        [sys.executable, "-m", "tests.kubernetes.loopback_gateway", *arguments], cwd=ROOT, env=variables
    )
    try:
        _wait_for(plane.gateway_port)
        yield plane
    finally:
        gateway.terminate()
        gateway.wait()
        subprocess.run([command, "stop"], env=variables, cwd=folder, check=False)


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            socket.create_connection((ADDRESS, port), timeout=1).close()
            return
        except OSError:
            assert time.monotonic() < deadline, f"nothing listens on {ADDRESS}:{port}"
            time.sleep(0.1)
