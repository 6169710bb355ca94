"""Actions that actions start, through the services that Flyte's SDK uses inside a task."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from connectrpc.code import Code
from connectrpc.errors import ConnectError
from flyte_local.runs.phases import ABORTED, FAILED, PAUSED, SUCCEEDED, TIMED_OUT
from flyteidl2.actions.actions_service_connect import ActionsServiceClientSync
from flyteidl2.actions.actions_service_pb2 import Action, EnqueueRequest, WatchForUpdatesRequest
from flyteidl2.common.identifier_pb2 import ActionIdentifier, RunIdentifier
from flyteidl2.core.types_pb2 import LiteralType, SimpleType
from flyteidl2.task.common_pb2 import Inputs
from flyteidl2.task.task_definition_pb2 import TaskSpec
from flyteidl2.workflow import run_service_pb2 as runs
from flyteidl2.workflow.queue_service_pb2 import AbortQueuedActionRequest, EnqueueActionRequest
from flyteidl2.workflow.run_definition_pb2 import ConditionAction, TaskAction
from flyteidl2.workflow.state_service_connect import StateServiceClientSync
from flyteidl2.workflow.state_service_pb2 import ActionUpdate, WatchRequest

from .conftest import World, until


@pytest.fixture
def parent(world: World) -> Iterator[RunIdentifier]:
    """A run whose root waits."""
    run = world.run(world.shell("echo started; sleep 600", env={"WIRED": "root", "OWN": "root"}))
    world.started(run)
    yield run
    world.runs.abort_run(runs.AbortRunRequest(run_id=run))


def enqueue(world: World, run: RunIdentifier, name: str, spec: TaskSpec, parent_name: str = "a0") -> None:
    folder = world.home.runs / run.project / run.domain / run.name
    inputs = folder / name / "inputs.pb"
    inputs.parent.mkdir(parents=True, exist_ok=True)
    inputs.write_bytes(Inputs().SerializeToString())
    request = EnqueueActionRequest(
        action_id=ActionIdentifier(run=run, name=name),
        parent_action_name=parent_name,
        task=TaskAction(spec=spec),
        input_uri=f"file://{inputs}",
        run_output_base=f"file://{folder}",
    )
    world.queue.enqueue_action(request)


def updates(world: World, run: RunIdentifier, last: str, parent_name: str = "a0") -> list[ActionUpdate | None]:
    """Return the updates that a watching parent receives until the action `last` has ended. None is the sentinel."""
    request = WatchRequest(parent_action_id=ActionIdentifier(run=run, name=parent_name))
    received: list[ActionUpdate | None] = []
    for response in world.client(StateServiceClientSync).watch(request, timeout_ms=120_000):
        received.append(None if response.control_message.sentinel else response.action_update)
        update = received[-1]
        if update and update.action_id.name == last and update.phase in {SUCCEEDED, FAILED, ABORTED, TIMED_OUT}:
            return received
    raise AssertionError("the stream ended")


def test_a_child_runs_with_the_roots_variables_under_its_own(world: World, parent: RunIdentifier) -> None:
    spec = world.shell('echo "$WIRED $OWN" > /var/outputs/v', outputs="v:s", env={"OWN": "child"})
    enqueue(world, parent, "c1", spec)
    last = updates(world, parent, "c1")[-1]
    assert last is not None
    assert last.phase == SUCCEEDED
    folder = last.output_uri.removeprefix("file://")
    assert b"root child" in Path(folder, "outputs.pb").read_bytes()
    details = world.action(parent, "c1")
    assert details.metadata.parent == "a0"


def test_existing_children_come_first_then_the_sentinel(world: World, parent: RunIdentifier) -> None:
    enqueue(world, parent, "c1", world.shell("true"))
    world.wait(parent, "c1")
    heard = updates(world, parent, "c1")
    assert [update.action_id.name if update else None for update in heard] == ["c1"]
    enqueue(world, parent, "c2", world.shell("true"))
    heard = updates(world, parent, "c2")
    assert heard.index(None) >= 1


def test_a_failed_childs_error_is_in_the_update(world: World, parent: RunIdentifier) -> None:
    enqueue(world, parent, "c1", world.shell("echo broken; exit 5"))
    last = updates(world, parent, "c1")[-1]
    assert last is not None
    assert last.error.message == "the task's process exited with code 5: broken"


def test_a_known_child_already_exists(world: World, parent: RunIdentifier) -> None:
    enqueue(world, parent, "c1", world.shell("true"))
    with pytest.raises(ConnectError) as caught:
        enqueue(world, parent, "c1", world.shell("true"))
    assert caught.value.code == Code.ALREADY_EXISTS


def test_children_end_with_their_parent_at_any_depth(world: World, parent: RunIdentifier) -> None:
    enqueue(world, parent, "c1", world.shell("sleep 601"))
    enqueue(world, parent, "g1", world.shell("sleep 602"), parent_name="c1")
    until(lambda: world.action(parent, "g1").attempts)
    world.runs.abort_run(runs.AbortRunRequest(run_id=parent))
    for name in ("c1", "g1"):
        assert world.wait(parent, name).status.phase == ABORTED
    with pytest.raises(ConnectError) as caught:
        enqueue(world, parent, "c2", world.shell("true"))
    assert caught.value.code == Code.ABORTED


def test_a_parent_can_abort_one_child(world: World, parent: RunIdentifier) -> None:
    enqueue(world, parent, "c1", world.shell("sleep 601"))
    identifier = ActionIdentifier(run=parent, name="c1")
    world.queue.abort_queued_action(AbortQueuedActionRequest(action_id=identifier, reason="enough"))
    assert world.action(parent, "c1").status.phase == ABORTED
    assert world.action(parent).status.phase not in {ABORTED, FAILED}


def test_deep_nesting_does_not_run_out_of_slots(world: World, parent: RunIdentifier) -> None:
    """Twenty parents that wait, each for the next: more than the server runs at once."""
    names = ["a0", *(f"d{n}" for n in range(20))]
    for above, name in pairwise(names):
        enqueue(world, parent, name, world.shell("echo started; sleep 600"), above)
    enqueue(world, parent, "last", world.shell("true"), names[-1])
    assert world.wait(parent, "last").status.phase == SUCCEEDED


def condition(world: World, run: RunIdentifier, name: str, timeout: float = 0) -> None:
    question = ConditionAction(name="approve", type=LiteralType(simple=SimpleType.BOOLEAN), prompt="go on?")
    if timeout:
        question.timeout.FromMilliseconds(int(timeout * 1000))
    action = Action(
        action_id=ActionIdentifier(run=run, name=name),
        parent_action_name="a0",
        condition=question,
        input_uri="file:///x",
        run_output_base="file:///x",
    )
    world.client(ActionsServiceClientSync).enqueue(EnqueueRequest(action=action))


def test_a_condition_waits_for_its_signal(world: World, parent: RunIdentifier) -> None:
    condition(world, parent, "q1")
    assert world.action(parent, "q1").status.phase == PAUSED
    identifier = ActionIdentifier(run=parent, name="q1")
    signal = runs.SignalEventRequest(action_id=identifier, payload=runs.EventPayload(bool_value=True))
    world.runs.signal_event(signal)
    request = WatchForUpdatesRequest(parent_action_id=ActionIdentifier(run=parent, name="a0"))
    first = next(iter(world.client(ActionsServiceClientSync).watch_for_updates(request, timeout_ms=60_000)))
    assert first.action_update.phase == SUCCEEDED
    assert first.action_update.value.scalar.primitive.boolean is True
    with pytest.raises(ConnectError) as caught:
        world.runs.signal_event(signal)
    assert caught.value.code == Code.FAILED_PRECONDITION


def test_a_condition_times_out(world: World, parent: RunIdentifier) -> None:
    condition(world, parent, "q2", timeout=0.3)
    assert world.wait(parent, "q2").status.phase == TIMED_OUT


def test_the_actions_of_a_run_can_be_watched_to_the_end(world: World, parent: RunIdentifier) -> None:
    enqueue(world, parent, "c1", world.shell("true"))
    world.wait(parent, "c1")
    stream = world.runs.watch_actions(runs.WatchActionsRequest(run_id=parent), timeout_ms=120_000)
    names = {enriched.action.id.name for enriched in next(stream).enriched_actions}
    assert names == {"a0", "c1"}
    world.runs.abort_run(runs.AbortRunRequest(run_id=parent))
    rest = [enriched.action for response in stream for enriched in response.enriched_actions]
    assert [action.id.name for action in rest if action.status.phase == ABORTED] == ["a0"]
