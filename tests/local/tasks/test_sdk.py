"""Flyte's own SDK and CLI, unmodified, against the server."""

from __future__ import annotations

from pathlib import Path

import pytest

from .conftest import World, until

CODE = """
import dataclasses, os, time
import flyte
from flyte.io import Dir, File

env = flyte.TaskEnvironment(name="words", image="auto", secrets=[flyte.Secret(key="greeting")])
inner = flyte.TaskEnvironment(name="inner", image="auto")
env.add_dependency(inner)

@dataclasses.dataclass
class Stats:
    count: int
    longest: str

@env.task
async def count(text: str, times: int = 2) -> Stats:
    print("counting", text)
    words = text.split() * times
    return Stats(len(words), max(words, key=len))

@env.task
def upper(source: File) -> File:
    with source.open_sync("rb") as handle:
        data = handle.read()
    result = File.new_remote()
    with result.open_sync("wb") as handle:
        handle.write(data.upper())
    return result

@inner.task
def leaf(x: int) -> str:
    return f"{x} {os.environ['WIRED']} {os.environ['GREETING']} {os.environ['FLYTE_WIRING']}"

@inner.task
def middle(x: int) -> list[str]:
    return [leaf(x), leaf(x + 1)]

@env.task
def root(x: int) -> list[str]:
    return middle(x) + [leaf(100)]

@inner.task
def fails(x: int) -> int:
    raise ValueError(f"no {x}")

@env.task
def catches(x: int) -> str:
    try:
        fails(x)
    except Exception as error:
        return f"caught {type(error).__name__}: {error}"
    return "nothing"

@env.task
def boom(x: int) -> int:
    raise ValueError(f"no {x}")

@env.task
def slow(seconds: int) -> int:
    print("sleeping", flush=True)
    time.sleep(seconds)
    return seconds

@flyte.trace
async def step(x: int) -> int:
    return x * 2

@env.task
async def traced(x: int) -> int:
    return await step(x) + await step(x + 1)

@env.task(cache="auto")
def stamp(x: int) -> float:
    return time.time()

@env.task
def twice(x: int) -> list[float]:
    return [stamp(x), stamp(x)]
"""


@pytest.fixture(scope="module")
def code(shared_world: World, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The program above, deployed by `flyte deploy`; its secret, created by `flyte create secret`."""
    folder = tmp_path_factory.mktemp("code")
    (folder / "words.py").write_text(CODE)
    shared_world.flyte("create", "secret", "greeting", "--value", "hello")
    shared_world.flyte("deploy", "words.py", "env", cwd=folder)
    return folder


def test_values_and_dataclasses(world: World, code: Path) -> None:
    printed = world.python(
        """
        run = finish("words.count", text="a bb ccc")
        stats = run.outputs()[0]
        print(json.dumps([run.phase.value, stats.count, stats.longest, run.url]))
        """
    )
    assert printed[:3] == ["succeeded", 6, "ccc"]
    assert printed[3].startswith(f"http://127.0.0.1:{world.port}/v2/domain/development/project/shop/runs/")


def test_files_in_and_out(world: World, code: Path, tmp_path: Path) -> None:
    (tmp_path / "in.txt").write_text("quiet")
    printed = world.python(
        f"""
        run = finish("words.upper", source=File.from_local_sync({str(tmp_path / "in.txt")!r}))
        with run.outputs()[0].open_sync("rb") as handle:
            print(json.dumps(handle.read().decode()))
        """
    )
    assert printed == "QUIET"


def test_the_roots_wiring_and_secrets_reach_grandchildren(world: World, code: Path) -> None:
    """`inner` declares neither: the SDK sends its tasks without, and without the root's variables."""
    printed = world.python(
        f"""
        from flyteidl2.task.task_service_pb2 import DeployTaskRequest
        from flyteidl2.task.task_service_connect import TaskServiceClientSync
        from flyteidl2.core.literals_pb2 import KeyValuePair
        details = remote.Task.get("words.root", auto_version="latest").fetch()
        spec = details.pb2.spec
        wired = {{"WIRED": "yes", "FLYTE_WIRING": "doc"}}
        spec.task_template.container.env.extend(KeyValuePair(key=k, value=v) for k, v in wired.items())
        task = details.pb2.task_id
        task.version = "wired"
        with TaskServiceClientSync("http://127.0.0.1:{world.port}") as client:
            client.deploy_task(DeployTaskRequest(task_id=task, spec=spec))
        run = flyte.run(remote.Task.get("words.root", version="wired"), x=1)
        run.wait(quiet=True)
        print(json.dumps([run.phase.value, list(run.outputs()[0])]))
        """
    )
    assert printed == ["succeeded", ["1 yes hello doc", "2 yes hello doc", "100 yes hello doc"]]


def test_the_older_queue_service_runs_nested_tasks_too(world: World, code: Path) -> None:
    printed = world.python(
        """
        run = finish("words.root", {"_U_USE_ACTIONS": "0", "WIRED": "env", "FLYTE_WIRING": "-"}, x=5)
        print(json.dumps(list(run.outputs()[0])))
        """
    )
    assert printed == ["5 env hello -", "6 env hello -", "100 env hello -"]


def test_a_failure_has_the_users_message(world: World, code: Path) -> None:
    printed = world.python(
        """
        run = finish("words.boom", x=3)
        info = remote.ActionDetails.get(run_name=run.name, name="a0").error_info
        print(json.dumps([run.phase.value, info.code, info.message]))
        """
    )
    assert printed == ["failed", "ValueError", "no 3"]


def test_a_parent_catches_its_childs_error(world: World, code: Path) -> None:
    printed = world.python('run = finish("words.catches", x=4)\nprint(json.dumps(run.outputs()[0]))')
    assert printed.startswith("caught ")
    assert "no 4" in printed


def test_traces_are_recorded(world: World, code: Path) -> None:
    printed = world.python(
        """
        run = finish("words.traced", x=1)
        actions = [a.name for a in remote.Action.listall(for_run_name=run.name)]
        print(json.dumps([run.outputs()[0], len(actions)]))
        """
    )
    assert printed == [6, 3]


def test_a_cached_task_runs_once(world: World, code: Path) -> None:
    printed = world.python(
        """
        first = finish("words.twice", x=1).outputs()[0]
        second = finish("words.twice", x=1).outputs()[0]
        print(json.dumps([list(first), list(second)]))
        """
    )
    # Both calls of the first run start together; what the second run asks for is there.
    assert printed[1][0] in printed[0]


def test_abort_and_logs_by_the_cli(world: World, code: Path) -> None:
    name = world.python('print(json.dumps(start("words.slow", seconds=600).name))')
    log = world.home.runs / "shop" / "development" / name / "a0" / "1" / "task.log"
    until(lambda: log.exists() and "sleeping" in log.read_text())
    world.flyte("abort", "run", name)
    printed = world.python(f'print(json.dumps(remote.Run.get(name="{name}").phase.value))')
    assert printed == "aborted"
    assert "sleeping" in world.flyte("get", "logs", name)
    assert name in world.flyte("get", "run")


def test_flyte_run_of_code_that_was_never_deployed(world: World, code: Path) -> None:
    printed = world.flyte("run", "--follow", "words.py", "count", "--text", "x yy", cwd=code)
    assert "counting x yy" in printed


def test_the_cli_lists_tasks_and_secrets_without_values(world: World, code: Path) -> None:
    assert "words.count" in world.flyte("get", "task")
    listed = world.flyte("get", "secret")
    assert "greeting" in listed
    assert "hello" not in listed


def test_async_start_and_watch_as_in_an_app(world: World, code: Path) -> None:
    printed = world.python(
        """
        async def main():
            run = await flyte.run.aio(remote.Task.get("words.count", auto_version="latest"), text="a b")
            phases = []
            async for details in run.watch():
                phases.append(details.phase.value)
            outputs = await run.outputs.aio()
            print(json.dumps([phases[-1], outputs[0].count]))
        asyncio.run(main())
        """
    )
    assert printed == ["succeeded", 4]


def test_the_interpreter_of_the_header_runs_the_task(world: World, code: Path, tmp_path: Path) -> None:
    """Its folder comes first on PATH, so its `a0` is the one that runs."""
    binaries = tmp_path / "bin"
    binaries.mkdir()
    (binaries / "python").write_text("#!/bin/sh\n")
    (binaries / "a0").write_text("#!/bin/sh\necho own interpreter\nexit 9\n")
    for file in binaries.iterdir():
        file.chmod(0o755)
    printed = world.python(
        f"""
        from flyteidl2.task.task_service_pb2 import DeployTaskRequest
        from flyteidl2.task.task_service_connect import TaskServiceClientSync
        details = remote.Task.get("words.boom", auto_version="latest").fetch()
        task = details.pb2.task_id
        task.name, task.version = "words.other", "v1"
        with TaskServiceClientSync("http://127.0.0.1:{world.port}") as client:
            client.deploy_task(DeployTaskRequest(task_id=task, spec=details.pb2.spec),
                               headers={{"x-flyte-local-python": {str(binaries / "python")!r}}})
        run = finish("words.other", x=1)
        print(json.dumps(remote.ActionDetails.get(run_name=run.name, name="a0").error_info.message))
        """
    )
    assert printed == "the task's process exited with code 9: own interpreter"
