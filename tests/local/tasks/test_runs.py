"""Runs of plain commands: states, data, errors, limits, idempotency. No SDK in the process, so they are quick."""

from __future__ import annotations

from pathlib import Path

import pytest
from connectrpc.code import Code
from connectrpc.errors import ConnectError
from flyte_local.runs.phases import ABORTED, FAILED, SUCCEEDED, TIMED_OUT
from flyteidl2.common.identifier_pb2 import ActionIdentifier, ProjectIdentifier, RunIdentifier
from flyteidl2.common.list_pb2 import Filter, ListRequest
from flyteidl2.dataproxy.dataproxy_service_pb2 import GetActionDataRequest, TailLogsRequest
from flyteidl2.task.task_definition_pb2 import TaskSpec
from flyteidl2.workflow import run_service_pb2 as pb

from .conftest import DOMAIN, PROJECT, World, gone, named, until


def outputs(world: World, run: RunIdentifier) -> dict[str, object]:
    values = world.data.get_action_data(GetActionDataRequest(action_id=ActionIdentifier(run=run, name="a0")))
    outputs = {}
    for literal in values.outputs.literals:
        primitive = literal.value.scalar.primitive
        outputs[literal.name] = getattr(primitive, primitive.WhichOneof("value"))
    return outputs


def logs(world: World, run: RunIdentifier, attempt: int = 0) -> str:
    request = TailLogsRequest(action_id=ActionIdentifier(run=run, name="a0"), attempt=attempt)
    return "".join(line.message for r in world.data.tail_logs(request) for log in r.logs for line in log.lines)


def test_a_command_gets_its_inputs_and_gives_its_outputs(world: World) -> None:
    script = (
        'echo "got {{.inputs.n}}"; expr "$(cat /var/inputs/n)" + 1 > /var/outputs/next; printf %s "$W" > /var/outputs/w'
    )
    run = world.run(world.shell(script, "n:i", "next:i w:s", env={"W": "from /var/inputs"}), n=41)
    assert world.wait(run).status.phase == SUCCEEDED
    values = outputs(world, run)
    assert values["next"] == 42
    assert str(values["w"]).endswith("/inputs")  # paths in variables are rewritten like those in the command
    assert logs(world, run) == "got 41\n"


def test_the_same_run_name_starts_one_run(world: World) -> None:
    spec = world.shell("echo once")
    first, second = world.run(spec, "only-one"), world.run(spec, "only-one")
    assert first == second
    world.wait(first)
    assert logs(world, first) == "once\n"
    assert len(world.action(first).attempts) == 1


def test_a_failure_carries_the_exit_code_and_the_last_lines(world: World) -> None:
    details = world.wait(world.run(world.shell("echo first; echo 'disk is full' >&2; exit 3")))
    assert details.status.phase == FAILED
    assert details.error_info.message == "the task's process exited with code 3: first | disk is full"


def test_a_killed_process_is_a_failure_that_names_the_signal(world: World) -> None:
    details = world.wait(world.run(world.shell("kill -9 $$")))
    assert "was killed by SIGKILL" in details.error_info.message


def test_a_missing_output_is_a_failure(world: World) -> None:
    details = world.wait(world.run(world.shell("true", outputs="n:i")))
    assert details.status.phase == FAILED
    assert "left no output 'n'" in details.error_info.message


def test_an_output_of_the_wrong_type_is_a_failure(world: World) -> None:
    details = world.wait(world.run(world.shell("echo many > /var/outputs/n", outputs="n:i")))
    assert "cannot be read as its declared type" in details.error_info.message


def test_a_command_that_does_not_exist_says_so(world: World) -> None:
    spec = world.shell("")
    del spec.task_template.container.command[:]
    spec.task_template.container.command.append("no-such-program")
    details = world.wait(world.run(spec))
    assert "'no-such-program' is not on the task's PATH" in details.error_info.message


def test_retries_are_attempts_and_the_last_one_counts(world: World) -> None:
    script = 'echo "attempt $FLYTE_ATTEMPT_NUMBER"; test "$FLYTE_ATTEMPT_NUMBER" = 2'
    run = world.run(world.shell(script, retries=3))
    details = world.wait(run)
    assert details.status.phase == SUCCEEDED
    assert [attempt.phase for attempt in details.attempts] == [FAILED, FAILED, SUCCEEDED]
    assert logs(world, run, 1) == "attempt 0\n"
    assert logs(world, run) == "attempt 2\n"


def test_retries_run_out(world: World) -> None:
    details = world.wait(world.run(world.shell("exit 1", retries=1)))
    assert details.status.phase == FAILED
    assert details.status.attempts == 2


def test_a_time_limit_ends_the_process(world: World) -> None:
    run = world.run(world.shell("echo $$; exec sleep 600", timeout=2.5))
    details = world.wait(run)
    assert details.status.phase == TIMED_OUT
    assert details.error_info.message == "the action ran longer than 2.5 s"
    assert gone(int(logs(world, run)))


def test_abort_ends_the_whole_process_group(world: World) -> None:
    run = world.run(world.shell("sleep 71 & echo $!; echo started; sleep 71"))
    world.started(run)
    child = int(logs_so_far(world, run).split()[0])
    world.runs.abort_run(pb.AbortRunRequest(run_id=run, reason="changed my mind"))
    details = world.action(run)
    assert details.status.phase == ABORTED
    assert details.abort_info.reason == "changed my mind"
    until(lambda: gone(child))


def logs_so_far(world: World, run: RunIdentifier) -> str:
    return (world.home.runs / PROJECT / DOMAIN / run.name / "a0" / "1" / "task.log").read_text()


def test_abort_of_an_ended_run_changes_nothing(world: World) -> None:
    run = world.run(world.shell("true"))
    world.wait(run)
    world.runs.abort_run(pb.AbortRunRequest(run_id=run))
    assert world.action(run).status.phase == SUCCEEDED


def test_what_a_task_leaves_running_is_ended_with_it(world: World) -> None:
    run = world.run(world.shell("sleep 72 & echo $!"))
    world.wait(run)
    stray = int(logs(world, run))
    until(lambda: gone(stray))


def test_the_process_sees_flytes_variables_and_nothing_of_the_servers(world: World) -> None:
    spec = world.shell("env > /var/outputs/env", outputs="env:s", env={"MINE": "1"})
    run = world.run(spec)
    world.wait(run)
    variables = dict(line.partition("=")[::2] for line in str(outputs(world, run)["env"]).splitlines())
    assert variables["RUN_NAME"] == run.name
    assert variables["ACTION_NAME"] == "a0"
    assert variables["FLYTE_INTERNAL_EXECUTION_PROJECT"] == PROJECT
    assert variables["MINE"] == "1"
    assert variables["_U_EP_OVERRIDE"] == f"127.0.0.1:{world.port}"
    assert not [name for name in variables if name.startswith("PULUMI")]


def test_a_missing_input_is_named_before_anything_starts(world: World) -> None:
    with pytest.raises(ConnectError) as caught:
        world.run(world.shell("true", "n:i s:s"), n=1)
    assert caught.value.code == Code.INVALID_ARGUMENT
    assert caught.value.message == "task 'shell.run' needs a value for its input 's'"


def test_defaults_fill_missing_inputs(world: World) -> None:
    spec = world.shell("cat /var/inputs/n > /var/outputs/n", "n:i", "n:i")
    default = spec.default_inputs.add(name="n")
    default.parameter.default.CopyFrom(named("n", 7).value)
    run = world.run(spec)
    world.wait(run)
    assert outputs(world, run) == {"n": 7}


def test_a_task_without_a_command_is_refused_with_the_way_out(world: World) -> None:
    spec = TaskSpec()
    spec.task_template.id.name = "image.only"
    spec.task_template.container.image = "alpine"
    with pytest.raises(ConnectError, match="set command or args"):
        world.run(spec)


def test_a_lost_code_bundle_is_named(world: World) -> None:
    spec = world.shell("true")
    spec.task_template.container.args.extend(["--tgz", "file:///nowhere/code.tgz"])
    with pytest.raises(ConnectError, match="deploy the task again"):
        world.run(spec)


@pytest.mark.parametrize(
    ("project", "domain", "message"),
    [
        ("Shop", DOMAIN, "'Shop' cannot be a project"),
        ("../x", DOMAIN, "cannot be a project"),
        ("", DOMAIN, "the project is missing"),
        ("shop", "test", "there is no domain 'test': use one of development, staging, production"),
        ("s" * 64, DOMAIN, "cannot be a project"),
    ],
)
def test_a_wrong_scope_is_refused(world: World, project: str, domain: str, message: str) -> None:
    request = pb.CreateRunRequest(task_spec=world.shell("true"))
    request.project_id.CopyFrom(ProjectIdentifier(name=project, domain=domain))
    with pytest.raises(ConnectError) as caught:
        world.runs.create_run(request)
    assert message in caught.value.message


@pytest.mark.parametrize("name", ["..", "a/b", "", "x" * 64, "-x", "a b"])
def test_a_run_name_stays_in_its_folder(world: World, name: str) -> None:
    request = pb.CreateRunRequest(task_spec=world.shell("true"))
    request.run_id.CopyFrom(RunIdentifier(project=PROJECT, domain=DOMAIN, name=name))
    with pytest.raises(ConnectError) as caught:
        world.runs.create_run(request)
    assert caught.value.code == Code.INVALID_ARGUMENT


def test_an_unknown_run_is_not_found(world: World) -> None:
    run = RunIdentifier(project=PROJECT, domain=DOMAIN, name="nothing")
    for call in (
        lambda: world.runs.get_run_details(pb.GetRunDetailsRequest(run_id=run)),
        lambda: world.runs.abort_run(pb.AbortRunRequest(run_id=run)),
        lambda: world.runs.list_actions(pb.ListActionsRequest(run_id=run)),
    ):
        with pytest.raises(ConnectError) as caught:
            call()
        assert caught.value.code == Code.NOT_FOUND


def test_watching_an_action_shows_each_phase_and_ends(world: World) -> None:
    run = world.run(world.shell("sleep 0.3"))
    request = pb.WatchActionDetailsRequest(action_id=ActionIdentifier(run=run, name="a0"))
    phases = [response.details.status.phase for response in world.runs.watch_action_details(request)]
    assert phases[-1] == SUCCEEDED
    assert phases == sorted(phases)


def test_logs_are_followed_while_they_are_written(world: World, tmp_path: Path) -> None:
    go = tmp_path / "go"
    run = world.run(world.shell(f"echo one; while [ ! -e {go} ]; do sleep 0.1; done; printf two"))
    world.started(run, "one")
    request = TailLogsRequest(action_id=ActionIdentifier(run=run, name="a0"))
    lines = []
    for response in world.data.tail_logs(request):
        lines += [line.message for log in response.logs for line in log.lines]
        if lines == ["one\n"]:
            go.touch()  # The task writes no second line before the first one was read here.
    assert lines == ["one\n", "two\n"]


def test_runs_are_listed_newest_first_filtered_and_in_pages(world: World) -> None:
    spec = world.shell("true", name="listed.task")
    made = [world.run(spec, f"listed-{n}") for n in range(3)]
    for run in made:
        world.wait(run)
    request = pb.ListRunsRequest(
        request=ListRequest(limit=2, filters=[Filter(function=Filter.EQUAL, field="task_name", values=["listed.task"])])
    )
    request.project_id.CopyFrom(ProjectIdentifier(name=PROJECT, domain=DOMAIN))
    first = world.runs.list_runs(request)
    assert [run.action.id.run.name for run in first.runs] == ["listed-2", "listed-1"]
    request.request.token = first.token
    second = world.runs.list_runs(request)
    assert [run.action.id.run.name for run in second.runs] == ["listed-0"]
    assert second.token == ""
    request.request.token = "x"
    with pytest.raises(ConnectError, match="page token"):
        world.runs.list_runs(request)


def test_what_the_sdk_says_of_itself_is_no_part_of_an_error(world: World) -> None:
    banner = 'echo "[flyte] WARNING Flyte runtime started for action a0 of run r1"'
    colored = "printf '\\033[33m[flyte]\\033[0m INFO loaded\\n'"
    for script, end in (
        (f"echo mine; {banner}; {colored}; exit 3", ": mine"),
        (f"{banner}; exit 3", " and printed nothing"),
    ):
        details = world.wait(world.run(world.shell(script)))
        assert details.error_info.message == f"the task's process exited with code 3{end}"


def test_where_an_actions_data_is_can_be_asked(world: World) -> None:
    run = world.run(world.shell("cp /var/inputs/n /var/outputs/n", "n:i", "n:i"), n=3)
    world.wait(run)
    request = pb.GetActionDataURIsRequest(action_id=ActionIdentifier(run=run, name="a0"))
    addresses = world.runs.get_action_data_u_r_is(request)
    assert addresses.inputs_uri.endswith("/inputs.pb")
    assert addresses.outputs_uri.endswith(f"/{run.name}/a0/1")
