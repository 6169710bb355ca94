"""The time between SIGTERM and SIGKILL: a task may finish what it does, as in a pod."""

from __future__ import annotations

from pathlib import Path

import pytest
from flyte_local.runs.phases import ABORTED, TIMED_OUT
from flyte_local.tasks.containers import DEFAULT_GRACE, termination_grace
from flyteidl2.common.identifier_pb2 import RunIdentifier
from flyteidl2.core.tasks_pb2 import TaskTemplate
from flyteidl2.task.task_definition_pb2 import TaskSpec
from flyteidl2.workflow import run_service_pb2 as pb
from google.protobuf.json_format import MessageToDict

from .conftest import World, gone, until

# Asked to end, it says so, and ends only once `go` is there.
PATIENT = """
trap 'echo asked; while [ ! -e {folder}/go ]; do sleep 0.1; done; echo saved > {folder}/saved; exit 0' TERM
echo $$; echo started
while true; do sleep 0.1; done
"""


def in_pod(spec: TaskSpec, grace: float) -> TaskSpec:
    """The same task as a pod that declares its grace."""
    template = spec.task_template
    container = template.container
    pod = {
        "terminationGracePeriodSeconds": grace,
        "containers": [{"name": "primary", "command": list(container.command), "args": list(container.args)}],
    }
    template.k8s_pod.primary_container_name = "primary"
    template.k8s_pod.data_config.CopyFrom(container.data_config)
    template.k8s_pod.pod_spec.update(pod)
    return spec


def log_of(world: World, run: RunIdentifier) -> str:
    log = world.home.runs / run.project / run.domain / run.name / "a0" / "1" / "task.log"
    return log.read_text() if log.exists() else ""


def sweep(world: World) -> None:
    """Waits until the server has looked for processes that actions have left."""
    run = world.run(world.shell("setsid sleep 300 & echo $!"))
    world.wait(run)
    stray = int(log_of(world, run))
    until(lambda: gone(stray))


def test_an_aborted_task_finishes_what_it_does(world: World, tmp_path: Path) -> None:
    run = world.run(in_pod(world.shell(PATIENT.format(folder=tmp_path)), 600))
    world.started(run)
    world.runs.abort_run(pb.AbortRunRequest(run_id=run))
    assert world.action(run).status.phase == ABORTED
    until(lambda: "asked" in log_of(world, run))
    sweep(world)
    (tmp_path / "go").touch()
    until((tmp_path / "saved").exists)


def test_a_task_beyond_its_time_limit_finishes_too(world: World, tmp_path: Path) -> None:
    run = world.run(in_pod(world.shell(PATIENT.format(folder=tmp_path), timeout=8), 600))
    until(lambda: "asked" in log_of(world, run))
    sweep(world)
    (tmp_path / "go").touch()
    assert world.wait(run).status.phase == TIMED_OUT
    assert (tmp_path / "saved").exists()


def test_a_pod_declares_its_own_grace(world: World, tmp_path: Path) -> None:
    run = world.run(in_pod(world.shell(PATIENT.format(folder=tmp_path)), 3))
    world.started(run)
    world.runs.abort_run(pb.AbortRunRequest(run_id=run))
    pid = int(log_of(world, run).split()[0])
    until(lambda: gone(pid), DEFAULT_GRACE - 5)
    assert "asked" in log_of(world, run)


@pytest.mark.parametrize(
    ("pod", "seconds"),
    [
        (None, 30.0),
        ({}, 30.0),
        ({"terminationGracePeriodSeconds": 600}, 600.0),
        ({"terminationGracePeriodSeconds": 0}, 0.0),
        ({"terminationGracePeriodSeconds": -1}, 30.0),
        ({"terminationGracePeriodSeconds": "soon"}, 30.0),
    ],
)
def test_the_grace_is_the_pods_or_that_of_kubernetes(pod: dict[str, object] | None, seconds: float) -> None:
    template = TaskTemplate()
    if pod is not None:
        template.k8s_pod.pod_spec.update(pod)
    assert termination_grace(template) == seconds, MessageToDict(template)
