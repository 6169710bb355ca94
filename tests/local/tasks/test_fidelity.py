"""docs/fidelity.md names every RPC and a test that shows it; the RPCs that no other test has a reason to call."""

from __future__ import annotations

import importlib
import re
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from connectrpc.code import Code
from connectrpc.errors import ConnectError
from flyte_local.composition import compose
from flyte_local.home import Home
from flyte_local.runs.phases import ABORTED, SUCCEEDED
from flyte_local.server.services import services
from flyte_local.state.context import Context
from flyte_local.state.store import Store
from flyteidl2.actions.actions_service_connect import ActionsServiceClientSync
from flyteidl2.actions.actions_service_pb2 import UpdateRequest
from flyteidl2.app.app_payload_pb2 import LeaseRequest, UpdateStatusRequest
from flyteidl2.app.app_service_connect import AppServiceClientSync
from flyteidl2.auth.auth_service_connect import AuthMetadataServiceClientSync
from flyteidl2.auth.auth_service_pb2 import GetPublicClientConfigRequest
from flyteidl2.cluster.payload_pb2 import SelectClusterRequest, SelectClusterResponse
from flyteidl2.cluster.service_connect import ClusterServiceClientSync
from flyteidl2.common.identifier_pb2 import ActionAttemptIdentifier, ActionIdentifier, ProjectIdentifier, RunIdentifier
from flyteidl2.dataproxy import dataproxy_service_pb2 as data
from flyteidl2.task.common_pb2 import Inputs, TriggerAutomationSpec
from flyteidl2.trigger import trigger_service_pb2 as triggers
from flyteidl2.trigger.trigger_definition_pb2 import TriggerSpec
from flyteidl2.workflow import queue_service_pb2 as queue
from flyteidl2.workflow import run_service_pb2 as runs
from flyteidl2.workflow.state_service_connect import StateServiceClientSync
from flyteidl2.workflow.state_service_pb2 import GetRequest, PutRequest

from .conftest import DOMAIN, PROJECT, World, named, until
from .test_runs import outputs
from .test_triggers import trigger_name

ROOT = Path(__file__).resolve().parents[3]
DOCUMENT = (ROOT / "docs" / "fidelity.md").read_text()
ROWS = dict(re.findall(r"^\| `(\w+Service\.\w+)` \|.*\| ([^|]+) \|$", DOCUMENT, re.MULTILINE))


def mounted(folder: Path) -> set[str]:
    """`Service.Method` of everything that the server has, from the descriptors."""
    home = Home(folder / "home")
    home.prepare()
    store = Store(home.database)
    rpcs = set()
    for _, application in services(compose(Context(home, 1, store))):
        module = importlib.import_module(application.__module__.removesuffix("_connect") + "_pb2")
        name = application.__name__.removesuffix("ASGIApplication")
        rpcs |= {f"{name}.{method.name}" for method in module.DESCRIPTOR.services_by_name[name].methods}
    store.close()
    return rpcs


async def test_every_rpc_has_a_row_and_no_row_is_made_up(tmp_path: Path) -> None:
    assert set(ROWS) == mounted(tmp_path)


def test_every_test_that_a_row_names_exists() -> None:
    cited = [name for tests in ROWS.values() for name in re.findall(r"`([^`]+)`", tests)]
    assert len(cited) >= len(ROWS), "every row cites a test"
    for name in [*cited, *re.findall(r"`((?:apps|console|tasks|safety|patterns)/\w+\.py::\w+)`", DOCUMENT)]:
        file, _, test = name.partition("::")
        assert f"def {test}(" in (ROOT / "tests" / "local" / file).read_text(), name


def test_selecting_a_cluster_keeps_the_endpoint(world: World) -> None:
    assert world.client(ClusterServiceClientSync).select_cluster(SelectClusterRequest()) == SelectClusterResponse()


@pytest.mark.parametrize(
    ("client", "method", "request_"),
    [
        (AuthMetadataServiceClientSync, "get_public_client_config", GetPublicClientConfigRequest()),
        (StateServiceClientSync, "put", PutRequest()),
        (StateServiceClientSync, "get", GetRequest()),
        (ActionsServiceClientSync, "update", UpdateRequest()),
        (AppServiceClientSync, "update_status", UpdateStatusRequest()),
        (AppServiceClientSync, "lease", LeaseRequest()),
    ],
)
def test_what_is_not_there_is_unimplemented(
    world: World, client: Callable[[str], Any], method: str, request_: Any
) -> None:
    call = getattr(world.client(client), method)
    with pytest.raises(ConnectError) as caught:
        list(call(request_))  # A streaming method answers when it is read, a unary one has raised before.
    assert caught.value.code == Code.UNIMPLEMENTED


@pytest.mark.parametrize(
    ("method", "request_"),
    [
        ("get_action_data", runs.GetActionDataRequest()),
        ("get_action_log_context", runs.GetActionLogContextRequest()),
    ],
)
def test_data_of_actions_comes_from_the_data_proxy_only(world: World, method: str, request_: Any) -> None:
    with pytest.raises(ConnectError) as caught:
        getattr(world.runs, method)(request_)
    assert caught.value.code == Code.UNIMPLEMENTED


def test_groups_are_not_watched(world: World) -> None:
    with pytest.raises(ConnectError) as caught:
        list(world.runs.watch_groups(runs.WatchGroupsRequest()))
    assert caught.value.code == Code.UNIMPLEMENTED


def test_a_run_is_watched_to_its_end_and_has_no_cluster_events(world: World) -> None:
    run = world.run(world.shell("sleep 0.3"))
    phases = [r.details.action.status.phase for r in world.runs.watch_run_details(watch_details(run))]
    assert phases[-1] == SUCCEEDED
    request = runs.WatchClusterEventsRequest(id=ActionIdentifier(run=run, name="a0"), attempt=1)
    assert list(world.runs.watch_cluster_events(request)) == []


def watch_details(run: RunIdentifier) -> runs.WatchRunDetailsRequest:
    return runs.WatchRunDetailsRequest(run_id=run)


def test_the_runs_of_a_project_are_watched(world: World) -> None:
    old = world.run(world.shell("true"), "watched-old")
    world.wait(old)
    request = runs.WatchRunsRequest(project_id=ProjectIdentifier(name=PROJECT, domain=DOMAIN))
    seen: list[str] = []

    def watch() -> None:
        try:
            for response in world.runs.watch_runs(request, timeout_ms=120_000):
                seen.extend(run.action.id.run.name for run in response.runs)
                if "watched-new" in seen:
                    return
        except ConnectError:
            pass

    thread = threading.Thread(target=watch)
    thread.start()
    until(lambda: "watched-old" in seen)
    world.wait(world.run(world.shell("true"), "watched-new"))
    thread.join(120)
    assert "watched-new" in seen


def test_one_action_and_a_queued_run_can_be_aborted(world: World) -> None:
    run = world.run(world.shell("echo started; sleep 60"))
    world.started(run)
    action = ActionIdentifier(run=run, name="a0")
    world.runs.abort_action(runs.AbortActionRequest(action_id=action, reason="enough"))
    details = world.action(run)
    assert (details.status.phase, details.abort_info.reason) == (ABORTED, "enough")
    other = world.run(world.shell("echo started; sleep 60"))
    world.started(other)
    world.queue.abort_queued_run(queue.AbortQueuedRunRequest(run_id=other))
    assert world.action(other).status.phase == ABORTED


def test_inputs_are_uploaded_first_and_run_later(world: World) -> None:
    project = ProjectIdentifier(name=PROJECT, domain=DOMAIN)
    request = data.UploadInputsRequest(project_id=project, inputs=Inputs(literals=[named("n", 7)]))
    offloaded = world.data.upload_inputs(request).offloaded_input_data
    assert offloaded == world.data.upload_inputs(request).offloaded_input_data
    spec = world.shell("cp /var/inputs/n /var/outputs/n", "n:i", "n:i")
    started = runs.CreateRunRequest(project_id=project, task_spec=spec, offloaded_input_data=offloaded)
    run = world.runs.create_run(started).run.action.id.run
    assert world.wait(run).status.phase == SUCCEEDED
    assert outputs(world, run) == {"n": 7}


def test_a_download_needs_a_file_that_is_there(world: World) -> None:
    run = world.run(world.shell("true"))
    world.wait(run)
    attempt = ActionAttemptIdentifier(action_id=ActionIdentifier(run=run, name="a0"), attempt=1)
    for kind in (data.ARTIFACT_TYPE_REPORT, data.ARTIFACT_TYPE_CODE_BUNDLE):
        with pytest.raises(ConnectError) as caught:
            world.data.create_download_link(
                data.CreateDownloadLinkRequest(artifact_type=kind, action_attempt_id=attempt)
            )
        assert caught.value.code == Code.NOT_FOUND


def test_each_revision_of_a_trigger_can_be_read_after_its_deletion(world: World) -> None:
    world.deploy("revised.task", world.shell("true"))
    name = trigger_name("revised.task", "t")
    automation = TriggerAutomationSpec()
    for hour in (1, 2):
        automation.schedule.cron.expression = f"0 {hour} * * *"
        world.triggers.deploy_trigger(
            triggers.DeployTriggerRequest(name=name, spec=TriggerSpec(), automation_spec=automation)
        )
    world.triggers.delete_triggers(triggers.DeleteTriggersRequest(names=[name]))
    request = triggers.GetTriggerRevisionDetailsRequest()
    request.id.name.CopyFrom(name)
    request.id.revision = 1
    first = world.triggers.get_trigger_revision_details(request).trigger
    assert first.automation_spec.schedule.cron.expression == "0 1 * * *"
    request.id.revision = 9
    with pytest.raises(ConnectError) as caught:
        world.triggers.get_trigger_revision_details(request)
    assert caught.value.code == Code.NOT_FOUND
