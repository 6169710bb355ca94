"""Compares a task on the local control plane, from its start to its result, with the same `a0` process alone."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

from flyte_local import daemon
from flyte_local.home import Home
from flyte_local.processes.environment import PROCESS_VARIABLE
from flyteidl2.common.identifier_pb2 import ProjectIdentifier
from flyteidl2.common.phase_pb2 import ACTION_PHASE_SUCCEEDED
from flyteidl2.core.literals_pb2 import Literal, Primitive, Scalar
from flyteidl2.task.common_pb2 import Inputs, NamedLiteral
from flyteidl2.task.task_definition_pb2 import TaskIdentifier
from flyteidl2.workflow.run_service_connect import RunServiceClientSync
from flyteidl2.workflow.run_service_pb2 import CreateRunRequest, WatchActionDetailsRequest

from benchmarks.metric import Pair, metric

_PROJECT, _DOMAIN, _VERSION = "bench", "development", "v1"
# The task records the arguments and variables of its process, so that the other side can start the same process.
_SOURCE = """
import json, os, sys
import flyte

env = flyte.TaskEnvironment(name="bench", image="auto")

@env.task
def measured(record: str) -> int:
    if record:
        with open(record, "w") as file:
            json.dump({"argv": sys.argv, "environment": dict(os.environ), "folder": os.getcwd()}, file)
    return 1
"""
_DEPLOY = """
import os
import flyte, program
flyte.init(endpoint="dns:///127.0.0.1:{port}", insecure=True, project="{project}", domain="{domain}", org="local",
           image_builder="remote")
flyte.deploy(program.env, version="{version}")
os._exit(0)
"""


@metric("task on the local control plane (new process), start to result ÷ bare a0 process", at_most=1.3)
def cold(rounds: int) -> Iterator[Pair]:
    yield from _rounds("0", rounds)


@metric("task on the local control plane (warm worker), start to result ÷ bare a0 process", at_most=0.3)
def warm(rounds: int) -> Iterator[Pair]:
    yield from _rounds("1", rounds)


def _rounds(warm_workers: str, rounds: int) -> Iterator[Pair]:
    with tempfile.TemporaryDirectory() as name, _server(Path(name), warm_workers) as port:
        runs = RunServiceClientSync(f"http://127.0.0.1:{port}")
        try:
            bare = _Bare.recorded(Path(name), runs)
            bare.seconds()  # loads the files of both sides into the page cache
            for _ in range(rounds):
                yield Pair(ours=_seconds(runs), baseline=bare.seconds())
        finally:
            runs.close()


def _seconds(runs: RunServiceClientSync, record: str = "") -> float:
    """Return the seconds from CreateRun until a watching client sees the success."""
    request = CreateRunRequest(
        project_id=ProjectIdentifier(organization="local", name=_PROJECT, domain=_DOMAIN),
        task_id=TaskIdentifier(org="local", project=_PROJECT, domain=_DOMAIN, name="bench.measured", version=_VERSION),
        inputs=Inputs(
            literals=[
                NamedLiteral(name="record", value=Literal(scalar=Scalar(primitive=Primitive(string_value=record))))
            ]
        ),
    )
    started = time.perf_counter()
    action = runs.create_run(request).run.action.id
    for answer in runs.watch_action_details(WatchActionDetailsRequest(action_id=action)):
        details = answer.details
    elapsed = time.perf_counter() - started
    if details.status.phase != ACTION_PHASE_SUCCEEDED:
        raise RuntimeError(f"the task failed: {details.error_info.message}")
    return elapsed


@dataclass(frozen=True)
class _Bare:
    """The process of a task, which can be started without the server."""

    argv: list[str]
    environment: dict[str, str]
    folder: Path

    @classmethod
    def recorded(cls, folder: Path, runs: RunServiceClientSync) -> _Bare:
        _seconds(runs, str(folder / "record.json"))
        record = json.loads((folder / "record.json").read_text())
        # The variable marks processes of the task. The server would end this process as a leftover of the task.
        del record["environment"][PROCESS_VARIABLE]
        return cls(record["argv"], record["environment"], Path(record["folder"]).parent)

    def seconds(self) -> float:
        with tempfile.TemporaryDirectory() as name:
            argv = [token.replace(str(self.folder), name) for token in self.argv]
            started = time.perf_counter()
            subprocess.run(argv, env=self.environment, cwd=name, check=True, capture_output=True)
            elapsed = time.perf_counter() - started
            if not (Path(name) / "outputs.pb").exists():
                raise RuntimeError("the bare process left no outputs")
            return elapsed


@contextmanager
def _server(folder: Path, warm_workers: str) -> Iterator[int]:
    """Start a server, deploy the task, and yield the server's port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    variables = {"HOME": str(folder), "FLYTE_LOCAL_WARM": warm_workers}
    home = Home(folder / "home")
    with mock.patch.dict(os.environ, variables):
        daemon.start(home, port)
        try:
            (folder / "program.py").write_text(_SOURCE)
            code = _DEPLOY.format(port=port, project=_PROJECT, domain=_DOMAIN, version=_VERSION)
            subprocess.run([sys.executable, "-c", code], cwd=folder, check=True, capture_output=True)
            yield port
        finally:
            daemon.stop(home, port)
