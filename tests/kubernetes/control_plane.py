"""A Flyte endpoint for programs on the test cluster: the local control plane, and a way to it for pods."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from tests.e2e.harness import ROOT, VENV_BIN
from tests.kubernetes.cluster.home import ADDRESS
from tests.ports import free_port

PATIENCE = 60.0  # seconds


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
        project = {"project": {"id": name, "name": name}}
        response = httpx.post(url, json=project, timeout=PATIENCE, trust_env=False)
        assert response.is_success or "already" in response.text, response.text


@contextmanager
def running(folder: Path, environment: Mapping[str, str]) -> Iterator[ControlPlane]:
    """Run one inside the cluster's network, with its state in `folder`."""
    home, port = folder / "home", free_port()
    variables = {**environment, "FLYTE_LOCAL_HOME": str(home)}
    command = str(VENV_BIN / "flyte-local")
    subprocess.run([command, "start", "--port", str(port)], env=variables, cwd=folder, check=True)
    try:
        with _gateway(port, variables) as gateway_port:
            yield ControlPlane(home, port, gateway_port)
    finally:
        subprocess.run([command, "stop"], env=variables, cwd=folder, check=False)


@contextmanager
def _gateway(port: int, variables: Mapping[str, str]) -> Iterator[int]:
    """Run a gateway to a port of loopback. Yields its own port, which the system has chosen."""
    command = [sys.executable, "-m", "tests.kubernetes.loopback_gateway", str(port)]
    with subprocess.Popen(command, cwd=ROOT, env=variables, stdout=subprocess.PIPE, text=True) as gateway:
        try:
            assert gateway.stdout is not None
            first_line = gateway.stdout.readline()  # empty if the gateway has ended
            assert first_line, "the gateway has ended before it listened"
            yield int(first_line)
        finally:
            gateway.terminate()
