"""Triggers: deployment and pruning as in Flyte, and runs that really start."""

from __future__ import annotations

import subprocess
import sys
import tarfile
import time
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from connectrpc.code import Code
from connectrpc.errors import ConnectError
from flyte_local.runs.phases import SUCCEEDED
from flyte_local.wire.times import stamp
from flyteidl2.common.identifier_pb2 import ProjectIdentifier, TriggerName
from flyteidl2.task.common_pb2 import (
    FIXED_RATE_UNIT_MINUTE,
    TYPE_SCHEDULE,
    Cron,
    FixedRate,
    Inputs,
    Schedule,
    TriggerAutomationSpec,
)
from flyteidl2.task.task_definition_pb2 import TaskIdentifier, TaskTrigger, TaskTriggerSpec
from flyteidl2.task.task_service_pb2 import GetTaskDetailsRequest
from flyteidl2.trigger import trigger_service_pb2 as pb
from flyteidl2.trigger.trigger_definition_pb2 import TriggerDetails, TriggerSpec
from flyteidl2.workflow import run_service_pb2 as runs
from flyteidl2.workflow.run_definition_pb2 import RUN_SOURCE_SCHEDULE_TRIGGER, Run

from .conftest import DOMAIN, PROJECT, World, named, show, until
from .test_runs import outputs


def trigger_name(task: str, name: str) -> TriggerName:
    return TriggerName(org="local", project=PROJECT, domain=DOMAIN, task_name=task, name=name)


def cron(expression: str, zone: str = "UTC") -> TriggerAutomationSpec:
    schedule = Schedule(cron=Cron(expression=expression, timezone=zone))
    return TriggerAutomationSpec(type=TYPE_SCHEDULE, schedule=schedule)


def soon(seconds: float = 4.0, kickoff: str = "") -> TriggerAutomationSpec:
    """Return a fixed rate that begins in a few seconds: what must happen before has that time, on any machine.

    Its next beat is too far away for a test.
    """
    rate = FixedRate(value=1000, unit=FIXED_RATE_UNIT_MINUTE, start_time=stamp(time.time() + seconds))
    return TriggerAutomationSpec(type=TYPE_SCHEDULE, schedule=Schedule(rate=rate, kickoff_time_input_arg=kickoff))


def due(automation: TriggerAutomationSpec) -> datetime:
    """Return the first beat of a fixed rate."""
    return automation.schedule.rate.start_time.ToDatetime(timezone.utc)


def deploy(
    world: World, task: TaskIdentifier, name: str, automation: TriggerAutomationSpec, **spec: object
) -> TriggerDetails:
    request = pb.DeployTriggerRequest(
        name=trigger_name(task.name, name),
        spec=TriggerSpec(active=True, task_version=task.version, **spec),
        automation_spec=automation,
    )
    return world.triggers.deploy_trigger(request).trigger


def fired(world: World, task: str, name: str) -> list[Run]:
    request = runs.ListRunsRequest(trigger_name=trigger_name(task, name))
    return list(world.runs.list_runs(request).runs)


def names(world: World, task: str) -> list[str]:
    request = pb.ListTriggersRequest()
    request.task_name.project, request.task_name.domain, request.task_name.name = PROJECT, DOMAIN, task
    return sorted(t.id.name.name for t in world.triggers.list_triggers(request).triggers)


def test_a_trigger_starts_its_task_once_with_its_inputs_and_its_moment(world: World) -> None:
    spec = world.shell("cp /var/inputs/at /var/outputs/at; cp /var/inputs/n /var/outputs/n", "n:i", "n:i at:s")
    at = spec.task_template.interface.inputs.variables.add(key="at")
    at.value.type.simple = 5
    task = world.deploy("timed.task", spec)
    automation = soon(kickoff="at")
    deploy(world, task, "once", automation, inputs=Inputs(literals=[named("n", 5)]))
    run = until(lambda: fired(world, "timed.task", "once"))[0].action
    assert run.metadata.source == RUN_SOURCE_SCHEDULE_TRIGGER
    assert run.metadata.trigger_name == "once"
    assert world.wait(run.id.run).status.phase == SUCCEEDED
    values = outputs(world, run.id.run)
    assert values["n"] == 5
    moment = datetime.fromisoformat(str(values["at"]).replace("Z", "+00:00"))
    assert abs(moment - due(automation)) < timedelta(milliseconds=2)
    time.sleep(1)
    assert len(fired(world, "timed.task", "once")) == 1
    details = world.triggers.get_trigger_details(
        pb.GetTriggerDetailsRequest(name=trigger_name("timed.task", "once"))
    ).trigger
    assert details.status.HasField("triggered_at")


def test_an_inactive_or_deleted_trigger_does_not_fire(world: World) -> None:
    task = world.deploy("quiet.task", world.shell("true"))
    deploy(world, task, "off", soon())
    deploy(world, task, "gone", soon())
    world.triggers.update_triggers(pb.UpdateTriggersRequest(names=[trigger_name("quiet.task", "off")], active=False))
    world.triggers.delete_triggers(pb.DeleteTriggersRequest(names=[trigger_name("quiet.task", "gone")]))
    deploy(world, task, "on", soon())
    until(lambda: fired(world, "quiet.task", "on"))  # It is due after the others would have been.
    assert fired(world, "quiet.task", "off") == []
    assert fired(world, "quiet.task", "gone") == []


def test_a_trigger_that_cannot_start_its_run_says_so_where_people_look(world: World, tmp_path: Path) -> None:
    spec = world.shell("true")
    bundle = tmp_path / "code.tgz"
    tarfile.open(bundle, "w:gz").close()
    spec.task_template.container.args.extend(["--tgz", bundle.as_uri()])
    task = world.deploy("broken.task", spec)
    bundle.unlink()
    deploy(world, task, "failing", soon())
    until(lambda: "could not start its run" in show(world, "tasks/broken.task"))
    page = show(world, "triggers/broken.task/failing")
    assert f"the code bundle {bundle.as_uri()} of task" in page
    assert failed_triggers(world)[0].startswith(
        f"failed trigger {PROJECT}/{DOMAIN}/broken.task/failing could not start"
    )
    assert f"the code bundle {bundle.as_uri()} of task" in failed_triggers(world)[0]
    tarfile.open(bundle, "w:gz").close()
    deploy(world, task, "failing", soon())
    until(lambda: fired(world, "broken.task", "failing"))
    until(lambda: not failed_triggers(world))
    assert "could not start its run" not in show(world, "tasks/broken.task")


def failed_triggers(world: World) -> list[str]:
    """Their lines in `flyte-local status`."""
    command = [sys.executable, "-m", "flyte_local", "status", "--home", str(world.home.path)]
    lines = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout.splitlines()
    return [" ".join(line.split()) for line in lines if " trigger " in line and "broken.task" in line]


def test_a_firing_while_the_server_is_down_is_skipped_and_the_next_one_comes(own_world: World) -> None:
    world = own_world
    task = world.deploy("later.task", world.shell("true"))
    missed, later = soon(), soon(30.0)
    deploy(world, task, "missed", missed)
    deploy(world, task, "later", later)
    world.kill()
    until(lambda: datetime.now(timezone.utc) > due(missed) + timedelta(seconds=0.5))
    world.start()
    until(lambda: fired(world, "later.task", "later"))
    assert fired(world, "later.task", "missed") == []


def test_missed_firings_are_made_up_for_where_that_is_wanted(own_world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world = own_world
    task = world.deploy("late.task", world.shell("true"))
    missed = soon()
    deploy(world, task, "missed", missed)
    deploy(world, task, "off", missed)
    world.triggers.update_triggers(pb.UpdateTriggersRequest(names=[trigger_name("late.task", "off")], active=False))
    world.kill()
    until(lambda: datetime.now(timezone.utc) > due(missed) + timedelta(seconds=0.5))
    monkeypatch.setenv("FLYTE_LOCAL_CATCH_UP", "100")
    world.start()
    until(lambda: len(fired(world, "late.task", "missed")) == 1)
    assert fired(world, "late.task", "off") == []


def test_deploying_a_task_prunes_triggers_only_when_it_brings_some(world: World) -> None:
    spec = world.shell("true")

    def trigger(name: str) -> TaskTrigger:
        return TaskTrigger(name=name, spec=TaskTriggerSpec(active=False), automation_spec=cron("0 2 * * *"))

    task = world.deploy("pruned.task", spec, triggers=[trigger("t1"), trigger("t2")])
    assert names(world, "pruned.task") == ["t1", "t2"]
    world.deploy("pruned.task", spec, triggers=[trigger("t1")])
    assert names(world, "pruned.task") == ["t1"]
    world.deploy("pruned.task", spec)
    assert names(world, "pruned.task") == ["t1"]
    summary = world.tasks.get_task_details(GetTaskDetailsRequest(task_id=task)).details.metadata.triggers_summary
    assert summary.details.name == "t1"


def test_a_bad_schedule_is_refused_and_leaves_neither_task_nor_trigger(world: World) -> None:
    bad = TaskTrigger(name="bad", spec=TaskTriggerSpec(active=True), automation_spec=cron("99 * * * *"))
    with pytest.raises(ConnectError) as caught:
        world.deploy("unmade.task", world.shell("true"), triggers=[bad])
    assert caught.value.code == Code.INVALID_ARGUMENT
    assert "'bad'" in caught.value.message
    assert "'99 * * * *'" in caught.value.message
    with pytest.raises(ConnectError) as caught:
        world.tasks.get_task_details(
            GetTaskDetailsRequest(
                task_id=TaskIdentifier(project=PROJECT, domain=DOMAIN, name="unmade.task", version="v1")
            )
        )
    assert caught.value.code == Code.NOT_FOUND


def test_revisions_count_survive_deletion_and_lock(world: World) -> None:
    task = world.deploy("counted.task", world.shell("true"))
    assert deploy(world, task, "t", cron("0 1 * * *")).id.revision == 1
    assert deploy(world, task, "t", cron("0 2 * * *")).id.revision == 2
    request = pb.DeployTriggerRequest(
        name=trigger_name("counted.task", "t"), revision=1, spec=TriggerSpec(), automation_spec=cron("0 3 * * *")
    )
    with pytest.raises(ConnectError, match="is at revision 2, not 1"):
        world.triggers.deploy_trigger(request)
    name = trigger_name("counted.task", "t")
    world.triggers.delete_triggers(pb.DeleteTriggersRequest(names=[name]))
    with pytest.raises(ConnectError):
        world.triggers.get_trigger_details(pb.GetTriggerDetailsRequest(name=name))
    assert deploy(world, task, "t", cron("0 4 * * *")).id.revision == 4
    history = world.triggers.get_trigger_revision_history(pb.GetTriggerRevisionHistoryRequest(name=name)).triggers
    assert [entry.id.revision for entry in history] == [4, 3, 2, 1]


def test_missing_triggers_are_skipped(world: World) -> None:
    missing = [trigger_name("no.task", "no")]
    world.triggers.update_triggers(pb.UpdateTriggersRequest(names=missing, active=True))
    world.triggers.delete_triggers(pb.DeleteTriggersRequest(names=missing))


def test_a_trigger_can_be_fired_by_hand(world: World) -> None:
    task = world.deploy("hand.task", world.shell("true", "n:i"))
    deploy(world, task, "hand", TriggerAutomationSpec(type=1), inputs=Inputs(literals=[named("n", 1)]))
    request = runs.CreateRunRequest(trigger_name=trigger_name("hand.task", "hand"))
    request.project_id.CopyFrom(ProjectIdentifier(name=PROJECT, domain=DOMAIN))
    run = world.runs.create_run(request).run
    assert world.wait(run.action.id.run).status.phase == SUCCEEDED
    assert [r.action.id for r in fired(world, "hand.task", "hand")] == [run.action.id]
