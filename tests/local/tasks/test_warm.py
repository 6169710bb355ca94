"""A task that starts warm is a process like any other, even if the server or its worker ends meanwhile."""

from __future__ import annotations

import json
import os
import signal
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from flyte_local.runs.phases import ABORTED, FAILED, SUCCEEDED
from flyteidl2.common.identifier_pb2 import RunIdentifier
from flyteidl2.secret.payload_pb2 import CreateSecretRequest
from flyteidl2.task.task_definition_pb2 import TaskIdentifier
from flyteidl2.workflow import run_service_pb2 as pb

from .conftest import DOMAIN, PROJECT, World, _world, gone, until
from .test_runs import logs_so_far, outputs

CODE = """
import json, os, sys, time
import flyte

env = flyte.TaskEnvironment(name="warm", image="auto", secrets=[flyte.Secret(key="PASSPHRASE")])
loud = flyte.TaskEnvironment(name="loud", image="auto", env_vars={"PYTHONHASHSEED": "1", "PASSPHRASE": ""})

def describe() -> str:
    print("printed", flush=True)
    variables = {name: value for name, value in os.environ.items() if name != "PASSPHRASE"}
    return json.dumps({
        "pid": os.getpid(), "group": os.getpgid(0), "session": os.getsid(0), "parent": os.getppid(),
        "argv": sys.argv, "path": sys.path, "folder": os.getcwd(), "environment": variables,
        "input": os.readlink("/proc/self/fd/0"), "secret": len(os.environ["PASSPHRASE"]),
        "open": [os.readlink(f"/proc/self/fd/{n}") for n in os.listdir("/proc/self/fd") if n not in "012"
                 and os.path.lexists(f"/proc/self/fd/{n}")],
    })

@env.task
def look() -> str:
    return describe()

@loud.task
def look_cold() -> str:
    return describe()

@env.task
def wait(seconds: int) -> int:
    print("begun", os.getpid(), flush=True)
    time.sleep(seconds)
    return seconds

@env.task
def leave(code: int) -> int:
    os._exit(code)
"""
SECRET = "correct horse battery staple"


def deployed(world: World) -> World:
    (world.user_home / "program.py").write_text(CODE)
    world.flyte("deploy", "--version", "v1", "program.py", "env")
    world.flyte("deploy", "--version", "v1", "program.py", "loud")
    request = CreateSecretRequest()
    request.id.organization, request.id.name = "local", "PASSPHRASE"
    request.secret_spec.string_value = SECRET
    world.secrets.create_secret(request)
    world.close_clients()
    return world


@pytest.fixture(scope="module")
def warm_world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    for world in _world(tmp_path_factory.mktemp("warm")):
        yield deployed(world)


def start(world: World, name: str, **inputs: int) -> RunIdentifier:
    task = TaskIdentifier(org="local", project=PROJECT, domain=DOMAIN, name=name, version="v1")
    return world.run(task, None, **inputs)


def described(world: World, name: str) -> dict[str, Any]:
    run = start(world, name)
    details = world.wait(run)
    assert details.status.phase == SUCCEEDED, details.error_info.message
    description: dict[str, Any] = json.loads(str(outputs(world, run)["o0"]))
    return description | {"log": logs_so_far(world, run)}


def begun(world: World, run: RunIdentifier) -> int:
    """Return the pid of a task of `wait`, once it is in the task's own code."""
    world.started(run, "begun")
    return int(logs_so_far(world, run).split("begun ")[1].split()[0])


def worker(world: World) -> psutil.Process:
    """Return the server's one warm worker."""
    workers = [child for child in psutil.Process(world.pid).children() if is_worker(child)]
    assert len(workers) == 1, workers
    return workers[0]


def is_worker(process: psutil.Process) -> bool:
    try:
        return any(part.endswith("/warm/worker.py") for part in process.cmdline())
    except psutil.Error:
        return False


def test_a_warm_task_looks_like_a_process_of_its_own(warm_world: World) -> None:
    warm, cold = described(warm_world, "warm.look"), described(warm_world, "loud.look_cold")
    assert warm["parent"] == worker(warm_world).pid
    assert cold["parent"] == warm_world.pid  # its PYTHONHASHSEED comes too late for a worker's child
    for process in (warm, cold):
        assert process["pid"] == process["group"] == process["session"]
        assert process["argv"][0] == str(Path(sys.executable).parent / "a0")
        assert "printed" in process["log"]
    different = {"PYTHONHASHSEED", "PASSPHRASE", "LOG_LEVEL"}
    assert set(warm["environment"]) - different == set(cold["environment"]) - different
    assert [entry for entry in warm["path"] if "/work" not in entry] == [
        entry for entry in cold["path"] if "/work" not in entry
    ]
    assert kinds(warm["open"]) == kinds(cold["open"])
    assert warm["input"] == cold["input"] == "/dev/null"
    assert warm["secret"] == len(SECRET)


def kinds(opened: list[str]) -> Counter[str]:
    """Count descriptors by kind: `socket:[71]` is a socket, and a path is a file."""
    return Counter("file" if name.startswith("/") else name.partition("[")[0] for name in opened)


def test_a_worker_keeps_nothing_of_a_task_and_shows_nothing(warm_world: World) -> None:
    described(warm_world, "warm.look")
    run = start(warm_world, "warm.wait", seconds=600)
    child = psutil.Process(begun(warm_world, run))
    parent = child.parent()
    assert parent is not None
    assert is_worker(parent)
    assert child.environ()["FLYTE_LOCAL_PROCESS"].startswith("task-")
    assert parent.environ()["FLYTE_LOCAL_PROCESS"].startswith("warm-")
    for process in (child, parent):
        assert SECRET not in " ".join(process.cmdline())
        assert SECRET not in str(process.environ())
    assert SECRET.encode() not in memory(parent.pid)
    assert SECRET.encode() in memory(child.pid)  # so that the search is known to find it
    warm_world.runs.abort_run(pb.AbortRunRequest(run_id=run))
    assert warm_world.action(run).status.phase == ABORTED
    until(lambda: gone(child.pid))


def memory(pid: int) -> bytes:
    """Return the writable memory of a process."""
    parts = []
    with open(f"/proc/{pid}/mem", "rb", buffering=0) as file:
        for line in Path(f"/proc/{pid}/maps").read_text().splitlines():
            area, rights = line.split()[:2]
            if rights.startswith("rw"):
                begin, end = (int(address, 16) for address in area.split("-"))
                file.seek(begin)
                try:
                    parts.append(file.read(end - begin))
                except OSError:
                    continue
    return b"".join(parts)


def test_how_a_warm_task_ended_is_known(warm_world: World) -> None:
    exited = start(warm_world, "warm.leave", code=3)
    assert "exited with code 3" in warm_world.wait(exited).error_info.message
    killed = start(warm_world, "warm.wait", seconds=600)
    os.kill(begun(warm_world, killed), signal.SIGKILL)
    assert "was killed by SIGKILL" in warm_world.wait(killed).error_info.message


def test_a_warm_task_outlives_its_server_and_is_adopted(own_world: World) -> None:
    world = deployed(own_world)
    good, bad = start(world, "warm.wait", seconds=4), start(world, "warm.wait", seconds=600)
    begun(world, good)
    pid = begun(world, bad)
    first = worker(world)
    world.close_clients()
    world.kill()
    world.start()
    until(lambda: gone(first.pid))
    assert world.wait(good).status.phase == SUCCEEDED
    assert outputs(world, good) == {"o0": 4}
    os.kill(pid, signal.SIGKILL)
    details = world.wait(bad)
    assert details.status.phase == FAILED
    assert "ended unfinished while the control plane was down" in details.error_info.message


def test_tasks_outlive_their_worker_and_the_next_has_a_new_one(warm_world: World) -> None:
    world = warm_world
    good, bad = start(world, "warm.wait", seconds=3), start(world, "warm.wait", seconds=600)
    begun(world, good)
    pid = begun(world, bad)
    first = worker(world)
    first.kill()
    os.kill(pid, signal.SIGKILL)
    assert world.wait(good).status.phase == SUCCEEDED
    details = world.wait(bad)
    assert details.status.phase == FAILED
    assert "its warm worker was killed" in details.error_info.message
    after = described(world, "warm.look")
    assert after["parent"] == worker(world).pid != first.pid


def test_without_warm_workers_a_task_is_a_child_of_the_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLYTE_LOCAL_WARM", "0")
    for world in _world(tmp_path):
        assert described(deployed(world), "warm.look")["parent"] == world.pid


def test_a_worker_that_ends_before_a_task_began_costs_nothing_and_nothing_runs_twice(warm_world: World) -> None:
    world = warm_world
    described(world, "warm.look")
    stopped = worker(world)
    stopped.suspend()
    run = start(world, "warm.wait", seconds=1)
    until(lambda: world.action(run).attempts)
    stopped.kill()
    details = world.wait(run)
    assert details.status.phase == SUCCEEDED, details.error_info.message
    assert logs_so_far(world, run).count("begun") == 1
