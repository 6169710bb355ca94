"""A real server in a home of its own, the generated clients to it, and Flyte's own SDK and CLI in processes."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import textwrap
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
import pytest
from flyte_local import daemon
from flyte_local.home import Home
from flyte_local.runs.phases import TERMINAL
from flyteidl2.common.identifier_pb2 import ActionIdentifier, RunIdentifier
from flyteidl2.core.literals_pb2 import KeyValuePair, Literal, Primitive, Scalar
from flyteidl2.core.security_pb2 import Secret
from flyteidl2.dataproxy.dataproxy_service_connect import DataProxyServiceClientSync
from flyteidl2.project.project_service_connect import ProjectServiceClientSync
from flyteidl2.secret.secret_connect import SecretServiceClientSync
from flyteidl2.task.common_pb2 import Inputs, NamedLiteral
from flyteidl2.task.task_definition_pb2 import TaskIdentifier, TaskSpec
from flyteidl2.task.task_service_connect import TaskServiceClientSync
from flyteidl2.task.task_service_pb2 import DeployTaskRequest
from flyteidl2.trigger.trigger_service_connect import TriggerServiceClientSync
from flyteidl2.workflow.queue_service_connect import QueueServiceClientSync
from flyteidl2.workflow.run_definition_pb2 import ActionDetails
from flyteidl2.workflow.run_service_connect import RunServiceClientSync
from flyteidl2.workflow.run_service_pb2 import CreateRunRequest, GetActionDetailsRequest

from tests.ports import free_port

PROJECT, DOMAIN = "shop", "development"


@dataclass
class World:
    """One running server. `restart` and `kill` are for tests that own it."""

    home: Home
    port: int
    pid: int
    user_home: Path
    opened: list[Any] = field(default_factory=list)

    def client(self, kind: Callable[[str], Any]) -> Any:
        made = kind(f"http://127.0.0.1:{self.port}")
        self.opened.append(made)
        return made

    @property
    def runs(self) -> RunServiceClientSync:
        return self.client(RunServiceClientSync)

    @property
    def tasks(self) -> TaskServiceClientSync:
        return self.client(TaskServiceClientSync)

    @property
    def data(self) -> DataProxyServiceClientSync:
        return self.client(DataProxyServiceClientSync)

    @property
    def secrets(self) -> SecretServiceClientSync:
        return self.client(SecretServiceClientSync)

    @property
    def triggers(self) -> TriggerServiceClientSync:
        return self.client(TriggerServiceClientSync)

    @property
    def projects(self) -> ProjectServiceClientSync:
        return self.client(ProjectServiceClientSync)

    @property
    def queue(self) -> QueueServiceClientSync:
        return self.client(QueueServiceClientSync)

    def close_clients(self) -> None:
        for client in self.opened:
            client.close()
        self.opened.clear()

    def kill(self) -> None:
        """SIGKILL: nothing gets a chance to be written down."""
        process = psutil.Process(self.pid)
        process.kill()
        with contextlib.suppress(psutil.Error):
            process.wait(10)

    def start(self) -> None:
        self.pid = daemon.start(self.home, self.port).pid

    def shell(self, script: str, inputs: str = "", outputs: str = "", **options: Any) -> TaskSpec:
        """A task that is one shell command. `inputs` and `outputs` are names with a type letter: `n:i s:s`."""
        return shell_spec(script, inputs, outputs, **options)

    def deploy(self, name: str, spec: TaskSpec, version: str = "v1", **more: Any) -> TaskIdentifier:
        identifier = TaskIdentifier(org="local", project=PROJECT, domain=DOMAIN, name=name, version=version)
        self.tasks.deploy_task(DeployTaskRequest(task_id=identifier, spec=spec, **more))
        return identifier

    def run(self, spec: TaskSpec | TaskIdentifier, name: str | None = None, **inputs: int | str) -> RunIdentifier:
        request = CreateRunRequest(inputs=Inputs(literals=[named(k, v) for k, v in inputs.items()]))
        if isinstance(spec, TaskSpec):
            request.task_spec.CopyFrom(spec)
        else:
            request.task_id.CopyFrom(spec)
        if name:
            request.run_id.CopyFrom(RunIdentifier(org="local", project=PROJECT, domain=DOMAIN, name=name))
        else:
            request.project_id.organization, request.project_id.name, request.project_id.domain = (
                "local",
                PROJECT,
                DOMAIN,
            )
        return self.runs.create_run(request).run.action.id.run

    def action(self, run: RunIdentifier, name: str = "a0") -> ActionDetails:
        request = GetActionDetailsRequest(action_id=ActionIdentifier(run=run, name=name))
        return self.runs.get_action_details(request).details

    def wait(self, run: RunIdentifier, name: str = "a0", seconds: float = 90) -> ActionDetails:
        """Return the action once it has ended."""
        return until(lambda: (details := self.action(run, name)).status.phase in TERMINAL and details, seconds)

    def started(self, run: RunIdentifier, marker: str = "started") -> ActionDetails:
        """Return the action once its process has printed `marker`."""
        log = self.home.runs / run.project / run.domain / run.name / "a0" / "1" / "task.log"
        until(lambda: log.exists() and marker in log.read_text())
        return self.action(run)

    def flyte(self, *arguments: str, cwd: Path | None = None, check: bool = True) -> str:
        """Flyte's own CLI."""
        command = [str(Path(sys.executable).parent / "flyte"), "-c", str(self.config), *arguments]
        return self._process(command, cwd or self.user_home, check)

    def python(self, code: str, cwd: Path | None = None) -> Any:
        """A program on Flyte's own SDK; what it prints last is read as JSON."""
        # The SDK's native HTTP client sometimes aborts the process while the interpreter ends; all is said by then.
        leave = "\nimport sys; sys.stdout.flush(); os._exit(0)"
        program = PRELUDE.format(port=self.port, project=PROJECT, domain=DOMAIN) + textwrap.dedent(code) + leave
        output = self._process([sys.executable, "-c", program], cwd or self.user_home, True)
        return json.loads(output.strip().splitlines()[-1])

    @property
    def config(self) -> Path:
        path = self.user_home / "flyte.yaml"
        path.write_text(
            f"admin: {{endpoint: 'dns:///127.0.0.1:{self.port}', insecure: true}}\n"
            "image: {builder: remote}\n"
            f"task: {{project: {PROJECT}, domain: {DOMAIN}, org: local}}\n"
        )
        return path

    def _process(self, command: list[str], cwd: Path, check: bool) -> str:
        environment = {**os.environ, "HOME": str(self.user_home), "COLUMNS": "240", "NO_COLOR": "1"}
        done = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, timeout=120)
        # The SDK's HTTP client sometimes aborts a process while its interpreter ends, after all is done and printed.
        if check and done.returncode not in (0, -signal.SIGABRT, -signal.SIGSEGV):
            raise AssertionError(f"{command[:4]} exited with {done.returncode}:\n{done.stdout}\n{done.stderr}")
        return done.stdout + ("" if check else done.stderr)


PRELUDE = """
import asyncio, json, os, tempfile, time
import flyte, flyte.remote as remote
from flyte.io import Dir, File
flyte.init(endpoint="dns:///127.0.0.1:{port}", insecure=True, project="{project}", domain="{domain}", org="local",
           image_builder="remote")
def start(name, env=None, /, **inputs):
    return flyte.with_runcontext(env_vars=env or {{}}).run(remote.Task.get(name, auto_version="latest"), **inputs)
def finish(name, env=None, /, **inputs):
    run = start(name, env, **inputs)
    run.wait(quiet=True)
    return run
"""


def shell_spec(script: str, inputs: str = "", outputs: str = "", **options: Any) -> TaskSpec:
    """`inputs` and `outputs` are names with a type letter: `n:i s:s`."""
    spec = TaskSpec(short_name="shell")
    template = spec.task_template
    template.id.name, template.id.version, template.id.org = options.get("name", "shell.run"), "v1", "local"
    template.id.project, template.id.domain = PROJECT, DOMAIN
    template.type = "raw-container"
    template.container.command.extend(["/bin/sh", "-c", script])
    template.container.data_config.enabled = True
    template.container.data_config.input_path = "/var/inputs"
    template.container.data_config.output_path = "/var/outputs"
    kinds = {"i": 1, "f": 2, "s": 3, "b": 4}
    for text, variables in ((inputs, template.interface.inputs), (outputs, template.interface.outputs)):
        for part in text.split():
            name, _, kind = part.partition(":")
            variables.variables.add(key=name).value.type.simple = kinds[kind]
    template.container.env.extend(KeyValuePair(key=k, value=v) for k, v in options.get("env", {}).items())
    template.security_context.secrets.extend(options.get("secrets", []))
    template.metadata.retries.retries = options.get("retries", 0)
    if "timeout" in options:
        template.metadata.timeout.FromMilliseconds(int(options["timeout"] * 1000))
    return spec


def secret(key: str, variable: str = "", **more: Any) -> Secret:
    return Secret(key=key, env_var=variable, **more)


def named(name: str, value: int | str) -> NamedLiteral:
    primitive = Primitive(integer=value) if isinstance(value, int) else Primitive(string_value=value)
    return NamedLiteral(name=name, value=Literal(scalar=Scalar(primitive=primitive)))


def until(condition: Callable[[], Any], seconds: float = 90) -> Any:
    """Return the first true value of the condition, which is called until then."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if value := condition():
            return value
        time.sleep(0.05)
    raise AssertionError(f"nothing happened within {seconds} s")


def files(folder: Path) -> Iterator[Path]:
    """Return the files below a folder. Each may be gone when it is read, as the server removes files and folders."""
    for parent, _, names in os.walk(folder):
        yield from (path for name in names if (path := Path(parent, name)).is_file())


def gone(pid: int) -> bool:
    """Return whether a process has ended. It may stay a zombie in a container whose first process reaps no children."""
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def _world(folder: Path) -> Iterator[World]:
    home = Home(folder / "home")
    user_home = folder / "user"
    user_home.mkdir()
    previous = os.environ.get("HOME")
    os.environ["HOME"] = str(user_home)
    try:
        port = free_port()
        world = World(home, port, daemon.start(home, port).pid, user_home)
    finally:
        if previous is not None:
            os.environ["HOME"] = previous
    try:
        yield world
    finally:
        world.close_clients()
        daemon.stop(home, port)


@pytest.fixture(scope="session")
def shared_world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    yield from _world(tmp_path_factory.mktemp("world"))


@pytest.fixture
def world(shared_world: World) -> Iterator[World]:
    """The server that all tests of a session share."""
    yield shared_world
    shared_world.close_clients()


@pytest.fixture
def own_world(tmp_path: Path) -> Iterator[World]:
    """A server for one test, which may kill it."""
    yield from _world(tmp_path)


def show(world: World, path: str) -> str:
    """A page of the console, below the project's and domain's."""
    address = f"http://127.0.0.1:{world.port}/v2/domain/{DOMAIN}/project/{PROJECT}/{path}"
    with urllib.request.urlopen(address, timeout=60) as response:
        return str(response.read().decode())
