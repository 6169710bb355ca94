"""A task is held to its memory: it ends as OOMKilled, which Flyte's SDK raises as OOMError, and it is tried again."""

from __future__ import annotations

import time
from pathlib import Path

from flyte_local.runs.phases import FAILED, SUCCEEDED
from flyteidl2.core.tasks_pb2 import Resources
from flyteidl2.task.task_definition_pb2 import TaskSpec
from flyteidl2.workflow.run_definition_pb2 import ErrorInfo

from .conftest import World, gone, shell_spec, show, until

EAT = """exec python -c 'memory = b"x" * (300 << 20); print("eaten", flush=True); import time; time.sleep(60)'"""
CODE = """
import json, time
import flyte, flyte.errors

small = flyte.TaskEnvironment(name="small", image="auto", resources=flyte.Resources(memory="300Mi"))
large = flyte.TaskEnvironment(name="large", image="auto", resources=flyte.Resources(memory=("200Mi", "2Gi")))
both = flyte.TaskEnvironment(name="both", image="auto", depends_on=[small, large])

def fill(size: int, seconds: int) -> int:
    memory = b"x" * (size << 20)
    time.sleep(seconds)
    return len(memory) >> 20

@small.task
def little(size: int) -> int:
    return fill(size, 600)

@large.task
def much(size: int) -> int:
    return fill(size, 2)

@both.task
async def again(size: int) -> str:
    try:
        await little.aio(size)
    except flyte.errors.OOMError as error:
        return f"{error.code} {await much.aio(size)}"
    return "not killed"
"""


def limited(script: str, memory: str, **options: object) -> TaskSpec:
    spec = shell_spec(script, **options)  # type: ignore[arg-type]
    spec.task_template.container.resources.requests.add(name=Resources.MEMORY, value=memory)
    return spec


def test_a_task_that_takes_too_much_fails_as_on_flyte(world: World) -> None:
    run = world.run(limited(EAT, "200Mi"))
    details = world.wait(run)
    assert details.status.phase == FAILED
    error = details.error_info
    assert (error.code, error.kind) == ("OOMKilled", ErrorInfo.KIND_USER)
    assert error.message.startswith("OOMKilled (exit code 137): its processes used ")
    assert "more than 200 MiB, its limit (200Mi)" in error.message
    assert "OOMKilled" in show(world, f"runs/{run.name}")


def test_what_a_task_started_counts_and_ends_with_it(world: World) -> None:
    child = """python -c 'memory = b"x" * (150 << 20); import time; time.sleep(60)' & echo child $!"""
    run = world.run(limited(f"{child}\n{child}\nwait", "200Mi"))
    assert world.wait(run).error_info.code == "OOMKilled"
    log = world.home.runs / run.project / run.domain / run.name / "a0" / "1" / "task.log"
    pids = [int(line.split()[1]) for line in log.read_text().splitlines() if line.startswith("child")]
    assert len(pids) == 2
    until(lambda: all(gone(pid) for pid in pids))


def test_it_is_tried_as_often_as_the_task_says(world: World) -> None:
    details = world.wait(world.run(limited(EAT, "200Mi", retries=2)))
    assert [attempt.error_info.code for attempt in details.attempts] == ["OOMKilled"] * 3


def test_a_task_below_its_limit_succeeds(world: World) -> None:
    details = world.wait(world.run(limited("""python -c 'memory = b"x" * (100 << 20)'""", "200Mi")))
    assert details.status.phase == SUCCEEDED


def test_a_task_is_held_to_its_memory_by_the_next_server_too(own_world: World) -> None:
    script = f"echo started; while ! test -e $FLYTE_OUTPUT_PATH/go; do sleep 0.1; done; {EAT}"
    run = own_world.run(limited(script, "200Mi"))
    own_world.started(run)
    own_world.kill()
    own_world.start()
    folder = own_world.home.runs / run.project / run.domain / run.name / "a0" / "1" / "outputs"
    (folder / "go").touch()
    assert own_world.wait(run).error_info.code == "OOMKilled"


def test_a_parent_sees_flytes_own_error_and_may_try_with_more(world: World, tmp_path: Path) -> None:
    (tmp_path / "tasks.py").write_text(CODE)
    world.flyte("deploy", "--version", "memory", "tasks.py", "both", cwd=tmp_path)
    printed = world.python(
        """
        run = finish("both.again", size=400)
        print(json.dumps([run.phase.value, run.outputs()[0] if run.phase.value == "succeeded" else ""]))
        """
    )
    assert printed == ["succeeded", "OOMKilled 400"]


def test_it_ends_soon_after_it_passed_its_limit(world: World) -> None:
    steps = """
import time
memory = []
while True:
    memory.append(b"x" * (10 << 20))
    print(len(memory) * 10, time.time(), flush=True)
    time.sleep(0.05)
"""
    run = world.run(limited(f"exec python -c '{steps}'", "300Mi"))
    world.wait(run)
    ended = time.time()
    log = world.home.runs / run.project / run.domain / run.name / "a0" / "1" / "task.log"
    sizes = [line.split() for line in log.read_text().splitlines()]
    # It grows by 200 MiB in a second. Generous, since the machine may be busy: on an idle one it ends at once.
    assert int(sizes[-1][0]) < 1300
    assert ended - float(sizes[-1][1]) < 10
