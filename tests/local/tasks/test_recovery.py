"""A server takes over the runs of the server before it: none is lost, none is stuck, and none runs twice."""

from __future__ import annotations

import contextlib
import json
import os
import random
import shutil
import signal
import sqlite3
import time
from pathlib import Path

import psutil
import pytest
from flyte_local import daemon
from flyte_local.runs.phases import ABORTED, FAILED, QUEUED, SUCCEEDED
from flyte_local.runs.slots import default_limit
from flyteidl2.workflow import run_service_pb2 as pb

from .conftest import DOMAIN, PROJECT, World, gone, until
from .test_runs import logs, logs_so_far, outputs


def test_a_running_process_is_adopted(own_world: World) -> None:
    world = own_world
    go = world.user_home / "go"
    run = world.run(world.shell(f"echo started; {once(go)}; echo 7 > /var/outputs/n", outputs="n:i"))
    world.started(run)
    world.kill()
    world.start()
    go.touch()
    assert world.wait(run).status.phase == SUCCEEDED
    assert outputs(world, run) == {"n": 7}
    assert len(world.action(run).attempts) == 1


def test_a_run_that_ended_meanwhile_is_finished_from_what_it_left(own_world: World) -> None:
    world = own_world
    go = world.user_home / "go"
    good = world.run(world.shell(f"echo started; {once(go)}; echo 7 > /var/outputs/n", outputs="n:i"))
    bad = world.run(world.shell(f"echo started; {once(go)}; echo 'no space' ; exit 1", outputs="n:i"))
    for run in (good, bad):
        world.started(run)
    world.kill()
    go.touch()
    until(lambda: not left_running(world))
    world.start()
    assert world.wait(good).status.phase == SUCCEEDED
    details = world.wait(bad)
    assert details.status.phase == FAILED
    assert "no space" in details.error_info.message


def test_a_process_that_ended_before_its_pid_was_written_down_does_not_run_again(own_world: World) -> None:
    world = own_world
    mark, go = world.user_home / "ran", world.user_home / "go"
    script = f"echo started; {once(go)}; echo x >> {mark}; echo 7 > /var/outputs/n"
    run = world.run(world.shell(script, outputs="n:i"))
    world.started(run)
    world.kill()
    forget_pid(world)
    go.touch()
    until(lambda: not left_running(world))
    world.start()
    assert world.wait(run).status.phase == SUCCEEDED
    assert outputs(world, run) == {"n": 7}
    assert mark.read_text() == "x\n"


def test_a_process_that_was_never_started_is_started(own_world: World) -> None:
    world = own_world
    run = world.run(world.shell("echo started $$; exec sleep 60"))
    world.started(run)
    world.kill()
    forget_pid(world)
    os.killpg(os.getpgid(int(logs_so_far(world, run).split()[1])), signal.SIGKILL)
    shutil.rmtree(world.home.runs / PROJECT / DOMAIN / run.name / "a0" / "1")  # as before anything was
    world.start()
    world.started(run)
    assert len(world.action(run).attempts) == 1


def forget_pid(world: World) -> None:
    """Change the records as if the server had died after it started a process and before it wrote the pid."""
    with contextlib.closing(sqlite3.connect(world.home.database)) as store, store:
        ((key, body),) = store.execute("SELECT key, body FROM records WHERE kind = 'process'").fetchall()
        record = {**json.loads(body), "pid": None, "created": None}
        store.execute(
            "UPDATE records SET body = ? WHERE kind = 'process' AND key = ?", (json.dumps(record).encode(), key)
        )


def test_a_killed_process_is_a_failure_and_its_retry_runs(own_world: World) -> None:
    world = own_world
    script = 'echo started $$; test "$FLYTE_ATTEMPT_NUMBER" = 1 || exec sleep 60; echo 1 > /var/outputs/n'
    run = world.run(world.shell(script, outputs="n:i", retries=1))
    world.started(run)
    world.kill()
    psutil.Process(int(logs_so_far(world, run).split()[1])).kill()
    world.start()
    details = world.wait(run)
    assert [attempt.phase for attempt in details.attempts] == [FAILED, SUCCEEDED]


def test_a_process_killed_meanwhile_is_no_success_though_it_owed_no_outputs(own_world: World) -> None:
    world = own_world
    run = world.run(world.shell("echo started $$; exec sleep 60"))
    world.started(run)
    world.kill()
    shell = psutil.Process(int(logs_so_far(world, run).split()[1])).parent()
    assert shell is not None
    os.killpg(shell.pid, signal.SIGKILL)
    world.start()
    details = world.wait(run)
    assert details.status.phase == FAILED
    assert "ended unfinished while the control plane was down" in details.error_info.message


def test_an_adopted_process_can_be_aborted(own_world: World) -> None:
    world = own_world
    run = world.run(world.shell("echo started $$; sleep 60"))
    world.started(run)
    pid = int(logs_so_far(world, run).split()[1])
    world.kill()
    world.start()
    world.runs.abort_run(pb.AbortRunRequest(run_id=run))
    assert world.action(run).status.phase == ABORTED
    until(lambda: gone(pid))


def test_an_adopted_process_keeps_its_time_limit(own_world: World) -> None:
    world = own_world
    run = world.run(world.shell("echo started; sleep 600", timeout=8))
    world.started(run)
    world.kill()
    world.start()
    assert world.wait(run).error_info.message == "the action ran longer than 8 s"


def test_a_stopped_server_leaves_no_process_and_says_why(own_world: World) -> None:
    world = own_world
    run = world.run(world.shell("echo started $$; sleep 60"))
    world.started(run)
    pid = int(logs_so_far(world, run).split()[1])
    world.close_clients()
    daemon.stop(world.home, world.port)
    assert gone(pid)
    world.start()
    details = world.action(run)
    assert details.status.phase == FAILED
    assert details.error_info.message == "the local control plane was stopped while the action ran"


def test_what_was_queued_starts_with_the_next_server(own_world: World) -> None:
    world = own_world
    go = world.user_home / "go"
    blockers = [world.run(world.shell(once(go))) for _ in range(default_limit())]
    last = world.run(world.shell("echo ran"))
    assert world.action(last).status.phase == QUEUED
    world.kill()
    world.start()
    go.touch()
    assert world.wait(last).status.phase == SUCCEEDED
    assert logs(world, last) == "ran\n"
    for run in blockers:
        world.wait(run)


def test_a_run_name_is_remembered_across_restarts(own_world: World) -> None:
    world = own_world
    run = world.run(world.shell("echo once"), "named")
    world.wait(run)
    world.kill()
    world.start()
    world.run(world.shell("echo twice"), "named")
    assert (world.home.runs / PROJECT / DOMAIN / "named" / "a0" / "1" / "task.log").read_text() == "once\n"


def once(file: Path) -> str:
    """Return the shell command that waits for a file."""
    return f"while [ ! -e {file} ]; do sleep 0.1; done"


PIPELINE = """
import time
import flyte

env = flyte.TaskEnvironment(name="pipeline", image="auto")

@env.task
def part(x: int) -> int:
    print("part", flush=True)
    time.sleep(4)
    return x * 2

@env.task
def whole(x: int) -> int:
    print("started", flush=True)
    return part(x) + part(x + 1)
"""


def test_a_nested_run_goes_on_after_the_server_was_killed(own_world: World) -> None:
    world = own_world
    (world.user_home / "pipeline.py").write_text(PIPELINE)
    world.flyte("deploy", "pipeline.py", "env")
    name = world.python('print(json.dumps(start("pipeline.whole", x=1).name))')
    folder = world.home.runs / PROJECT / DOMAIN / name
    until(lambda: any("part" in log.read_text() for log in folder.glob("[!a]*/1/task.log")))
    world.close_clients()
    world.kill()
    world.start()
    result, attempts = world.python(
        f"""
        run = remote.Run.get(name="{name}")
        run.wait(quiet=True)
        attempts = [a.pb2.status.attempts for a in remote.Action.listall(for_run_name=run.name)]
        print(json.dumps([run.outputs()[0], attempts]))
        """
    )
    assert (result, attempts) == (6, [1, 1, 1])


def test_a_removed_home_ends_the_server_and_what_it_ran(own_world: World, tmp_path: Path) -> None:
    world = own_world
    run = world.run(world.shell("echo started $$; sleep 60"))
    world.started(run)
    pid = int(logs_so_far(world, run).split()[1])
    world.close_clients()
    # At once: while a tree is removed file by file, the server may write another one.
    shutil.rmtree(world.home.path.rename(tmp_path / "removed"))
    until(lambda: gone(pid))
    until(lambda: gone(world.pid))


def test_killed_at_any_moment_nothing_is_stuck_lost_or_left_running(own_world: World) -> None:
    world = own_world
    moments = random.Random(7)
    runs = []
    for round_ in range(6):
        for n in range(4):
            mark = world.user_home / f"ran-{round_}-{n}"
            script = f"sleep {moments.uniform(0, 0.6):.2f}; echo x >> {mark}; echo 1 > /var/outputs/n"
            runs.append(world.run(world.shell(script, outputs="n:i"), f"k-{round_}-{n}"))
        time.sleep(moments.uniform(0, 0.8))
        world.close_clients()
        world.kill()
        world.start()
    for run in runs:
        assert world.wait(run).status.phase == SUCCEEDED
        assert (world.user_home / f"ran-{run.name[2:]}").read_text() == "x\n"  # once, not twice
    until(lambda: not left_running(world))


def left_running(world: World) -> list[psutil.Process]:
    token = f"FLYTE_LOCAL_PROCESS=task-{world.home.instance_id()}"
    return [process for process in psutil.process_iter() if token in _environ(process)]


def _environ(process: psutil.Process) -> str:
    try:
        return " ".join(f"{name}={value}" for name, value in process.environ().items())
    except (psutil.Error, OSError):
        return ""


def test_a_server_that_hangs_is_ended_with_its_tasks(own_world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(daemon, "STOP_SECONDS", 0.5)
    run = own_world.run(own_world.shell("echo $$; echo started; sleep 600"))
    own_world.started(run)
    log = own_world.home.runs / run.project / run.domain / run.name / "a0" / "1" / "task.log"
    own_world.close_clients()
    psutil.Process(own_world.pid).suspend()
    assert daemon.stop(own_world.home, own_world.port) is True
    until(lambda: gone(int(log.read_text().split()[0])))
