"""A stack of a release: its program in a folder, its state, and the platform that it ran on."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from flyte_local.processes.ports import can_bind, port_taken
from pulumi_flyte_provider.resources.server import admin
from pulumi_flyte_review.engine.configuration import read_configuration, stack_file
from pulumi_flyte_review.engine.offline.process import Side
from pulumi_flyte_review.engine.project import read_project

from tests.e2e.harness import VENV_BIN, Stack, plugin_path
from tests.provider.over_grpc.oss_server import World, serving
from tests.upgrades.cases import FLYTE_PORT, LOCAL_PORT
from tests.upgrades.worlds import world_of

PROGRAM, STATE, WORLD, DECLARATIONS = "program", "state.json", "world.json", "declarations.json"
CONFIGURATION = "Pulumi.dev.yaml"
PATIENCE = 180.0  # seconds


class ReleasedStack(Stack):
    """A stack with the program and the configuration of a folder. packages: for PYTHONPATH, another version of ours."""

    packages: Path | None = None

    @property
    def environment(self) -> dict[str, str]:
        """The environment of every call."""
        return {**super().environment, **({"PYTHONPATH": str(self.packages)} if self.packages else {})}

    def take(self, program: Path) -> None:
        """Copy a program. Its Pulumi.yaml gets the place of this environment's plugin."""
        shutil.copytree(program, self.folder, dirs_exist_ok=True)
        self.use(plugin_path())

    def use(self, plugins: str) -> None:
        """Set the places of the plugins in Pulumi.yaml."""
        project = (self.folder / "Pulumi.yaml").read_text()
        (self.folder / "Pulumi.yaml").write_text(project.partition("plugins:")[0] + plugins)


def side_of(folder: Path) -> Side:
    """Return a program as the stand-in engine runs it."""
    project = read_project(folder)
    assert project is not None
    return Side("the release", project, read_configuration(project, stack_file(project, "dev")), project.interpreter)


def wait_until_free(port: int) -> None:
    """Wait until nothing listens on a port of the states. An app of another test may have been given it by chance."""
    deadline = time.monotonic() + PATIENCE
    while not can_bind(port):
        assert time.monotonic() < deadline, port_taken(port)
        time.sleep(0.1)


@contextmanager
def local_platform(stack: Stack, state: Mapping[str, Any]) -> Iterator[None]:
    """Run the control plane of this version as if the stack's resources were on it."""
    server = str(VENV_BIN / "flyte-local")
    wait_until_free(LOCAL_PORT)
    stack.run(server, "start", "--port", str(LOCAL_PORT))
    try:
        for resource in state["deployment"]["resources"]:
            if resource["type"] == "flyte:local:Server":
                admin.register(LOCAL_PORT, resource["outputs"]["owner"], resource["outputs"]["epoch"])
        yield
    finally:
        stack.run(server, "stop", check=False)


@contextmanager
def flyte_platform(world: World | None, file: Path | None = None) -> Iterator[World]:
    """Run the stand-in for Flyte OSS with a world, or with that of a file."""
    objects = world if world is not None else world_of(json.loads((file or Path()).read_text()))
    wait_until_free(FLYTE_PORT)
    with serving(objects, FLYTE_PORT):
        yield objects
