"""AppService: what Create, Get, Update, Delete, List and Watch do to real processes."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from typing import Any

import psutil
import pytest
from connectrpc.code import Code
from connectrpc.errors import ConnectError
from flyte_local.processes.process import is_alive
from flyteidl2.app import app_payload_pb2 as payload
from flyteidl2.app.app_definition_pb2 import App, Meta, Spec
from flyteidl2.app.app_logs_payload_pb2 import TailLogsRequest
from flyteidl2.app.app_logs_service_connect import AppLogsServiceClientSync
from flyteidl2.app.app_service_connect import AppServiceClientSync
from flyteidl2.common.identifier_pb2 import ProjectIdentifier
from flyteidl2.common.list_pb2 import ListRequest
from google.protobuf.json_format import ParseDict

from tests.ports import free_port

from .conftest import (
    DOMAIN,
    PLAIN,
    PROGRAMS,
    PROJECT,
    Plane,
    declaration,
    identifier,
    message,
    phase,
    status_of,
    until,
)

# Seconds until an app that does not become healthy is given up: a slow machine needs some of them to start it.
PATIENCE = "10"


@pytest.fixture(scope="module", autouse=True)
def _unhealthy_apps(plane: Plane) -> None:
    """Apps that never become healthy. They start first, so that their time passes during the other tests."""
    env = {"FLYTE_HEALTH_TIMEOUT": PATIENCE}
    plane.create("sick", env={**env, "BEHAVIOUR": "sick", "FLYTE_HEALTH_PATH": "/healthz"})
    port = free_port()
    elsewhere = ["python", str(PROGRAMS / "plain.py"), str(port)]
    plane.create("elsewhere", elsewhere, port=8088, env={**env, "FLYTE_HEALTH_PATH": "/", "LISTENS": str(port)})


def test_an_app_becomes_active_once_its_port_answers(plane: Plane) -> None:
    created = plane.create("late", env={"BEHAVIOUR": "late"})
    assert phase(created) == "pending"
    app = plane.wait("late")
    assert app.status.ingress.public_url == plane.endpoint("late")
    assert app.status.current_replicas == 1
    events = plane.events("late")
    assert [e["event"] for e in events] == ["starting", "healthy"]
    assert events[1]["at"] - events[0]["at"] >= 2


def test_a_health_path_decides_over_an_open_port(plane: Plane) -> None:
    app = plane.wait("sick", "failed")
    assert message(app) == f"not healthy within {PATIENCE} s: GET /healthz answered 503, not 2xx or 3xx"
    assert status_of(plane.endpoint("sick"))[0] == 503


def test_an_app_that_never_listens_fails_with_the_reason(plane: Plane) -> None:
    plane.create("deaf", env={"BEHAVIOUR": "deaf", "FLYTE_HEALTH_TIMEOUT": "0.5"})
    reason = message(plane.wait("deaf", "failed"))
    (process,) = plane.processes_of("deaf")
    port = process.environ()["PORT"]
    assert reason == f"not healthy within 0.5 s: nothing listens on the app's port (declared 8080, here $PORT={port})"


def test_an_app_that_listens_elsewhere_is_told_where(plane: Plane) -> None:
    app = plane.wait("elsewhere", "failed")
    reason, port = message(app), next(pair.value for pair in app.spec.container.env if pair.key == "LISTENS")
    assert "nothing listens on the app's port (declared 8088, here $PORT=" in reason
    assert f"but its process listens on {port}: make it read PORT" in reason
    assert "2xx" not in reason


def test_an_app_that_exits_fails_with_its_code_and_its_last_lines_are_there(plane: Plane) -> None:
    plane.create("exiting", env={"BEHAVIOUR": "exit"})
    assert message(plane.wait("exiting", "failed")) == "exited with code 3"
    assert plane.log("exiting")[:2] == ["first line", "last words"]


def test_a_missing_command_fails_with_the_path_that_was_searched(plane: Plane) -> None:
    plane.create("missing", ["no-such-program", "serve"])
    reason = message(plane.wait("missing", "failed"))
    assert "'no-such-program' is not on the app's PATH" in reason
    assert "Traceback" not in reason


def test_a_failed_app_deployed_again_unchanged_is_tried_again(plane: Plane) -> None:
    plane.create("retry", env={"BEHAVIOUR": "exit"})
    plane.wait("retry", "failed")
    revision = plane.events("retry")[-1]["revision"]
    plane.create("retry", env={"BEHAVIOUR": "exit"})
    assert until(lambda: plane.events("retry")[-1]["revision"] > revision)


def test_an_equal_declaration_changes_nothing(plane: Plane) -> None:
    plane.up("equal")
    pid = plane.fetch("equal")["pid"]
    plane.create("equal")
    plane.update("equal")
    assert phase(plane.get("equal")) == "active"
    assert plane.fetch("equal")["pid"] == pid


def test_the_declaration_comes_back_as_it_was_sent(plane: Plane) -> None:
    sent = declaration("round-trip", PLAIN, env={"A": "1"})
    sent.metadata.labels["team"] = "x"
    sent.spec.profile.type = "FastAPI"
    plane.apps.create(payload.CreateRequest(app=sent))
    app = plane.get("round-trip")
    assert app.spec == sent.spec
    assert app.metadata == sent.metadata


def test_stopping_applies_nothing_else_and_starting_runs_it_again(plane: Plane) -> None:
    plane.up("halting", env={"VERSION": "1"})
    stopped = plane.update("halting", env={"VERSION": "2"}, stop=True)
    assert phase(stopped) == "stopped"
    assert stopped.status.ingress.public_url == ""
    assert stopped.spec.desired_state == Spec.DESIRED_STATE_ACTIVE
    assert status_of(plane.endpoint("halting"))[0] == 503
    started = declaration("halting", PLAIN, env={"VERSION": "1"})
    started.spec.desired_state = Spec.DESIRED_STATE_STARTED
    plane.apps.update(payload.UpdateRequest(app=started))
    plane.wait("halting")
    assert plane.fetch("halting")["version"] == "1"


def test_create_starts_an_app_whatever_state_it_asks_for(plane: Plane) -> None:
    app = declaration("wants-stop", PLAIN)
    app.spec.desired_state = Spec.DESIRED_STATE_STOPPED
    plane.apps.create(payload.CreateRequest(app=app))
    assert phase(plane.wait("wants-stop")) == "active"


def test_deleting_leaves_no_process_and_no_file_and_works_twice(plane: Plane) -> None:
    plane.up("doomed", env={"BEHAVIOUR": "leaver"})
    pid = plane.fetch("doomed")["pid"]
    child = psutil.Process(pid).children()[0]
    plane.delete("doomed")
    plane.delete("doomed")
    assert not psutil.pid_exists(pid)
    assert not is_alive(child.pid, None)
    assert not plane.home.app(PROJECT, DOMAIN, "doomed").exists()
    with pytest.raises(ConnectError) as caught:
        plane.get("doomed")
    assert caught.value.code == Code.NOT_FOUND
    assert status_of(plane.endpoint("doomed"))[0] == 404


def test_an_app_that_ignores_sigterm_is_killed(plane: Plane) -> None:
    plane.up("stubborn", env={"BEHAVIOUR": "stubborn"})
    pid = plane.fetch("stubborn")["pid"]
    plane.delete("stubborn")
    assert not psutil.pid_exists(pid)


def test_a_killed_app_is_back_and_the_request_waits_for_it(plane: Plane) -> None:
    plane.up("killed")
    pid = plane.fetch("killed")["pid"]
    psutil.Process(pid).kill()
    until(lambda: not psutil.pid_exists(pid))
    assert plane.fetch("killed")["pid"] != pid
    details = [e["detail"] for e in plane.events("killed") if e["event"] == "exited"]
    assert details == ["was killed by SIGKILL"]


def test_the_process_sees_flytes_contract_and_nothing_of_the_server(plane: Plane) -> None:
    plane.up("contract", env={"MINE": "yes"})
    facts = plane.fetch("contract")
    env = facts["env"]
    assert env["MINE"] == "yes"
    assert env["_U_EP_OVERRIDE"] == f"127.0.0.1:{plane.port}"
    assert env["_U_INSECURE"] == "true"
    assert env["_U_ORG_NAME"] == "local"
    assert env["FLYTE_INTERNAL_EXECUTION_PROJECT"] == PROJECT
    assert env["FLYTE_INTERNAL_EXECUTION_DOMAIN"] == DOMAIN
    assert env["INTERNAL_APP_ENDPOINT_PATTERN"].format(app_fqdn="other") == plane.endpoint("other")
    assert env["FSSPEC_FILE_AUTO_MKDIR"] == "true"
    assert env["FLYTE_ROOT_PATH"] == f"/apps/{PROJECT}/{DOMAIN}/contract"
    assert env["PORT"] == facts["argv"][1] != "8080"
    assert facts["cwd"].startswith(str(plane.home.path))
    assert not [name for name in env if name.startswith(("PULUMI_", "FLYTE_LOCAL_HOME"))]


def test_the_interpreter_of_the_header_runs_the_app_and_is_in_no_specification(plane: Plane, tmp_path: Any) -> None:
    python = tmp_path / "python"
    python.write_text(f'#!/bin/sh\nWRAPPED=yes exec {sys.executable} "$@"\n')
    python.chmod(0o755)
    plane.create("interpreted", headers={"x-flyte-local-python": str(python)})
    plane.wait("interpreted")
    env = plane.fetch("interpreted")["env"]
    assert env["WRAPPED"] == "yes"
    assert env["PATH"].startswith(f"{tmp_path}:")
    assert str(tmp_path) not in str(plane.get("interpreted"))


def test_an_interpreter_that_does_not_exist_is_an_error(plane: Plane) -> None:
    with pytest.raises(ConnectError, match="not a Python interpreter on this machine") as caught:
        plane.create("no-python", headers={"x-flyte-local-python": "/nowhere/python"})
    assert caught.value.code == Code.INVALID_ARGUMENT


def test_a_pod_runs_its_primary_container(plane: Plane) -> None:
    container = {
        "name": "app",
        "command": PLAIN[:2],
        "args": PLAIN[2:],
        "env": [{"name": "VERSION", "value": "pod"}, {"name": "X", "valueFrom": {"fieldRef": {}}}],
        "ports": [{"containerPort": 8080}],
    }
    app = App(metadata=Meta(id=identifier("pod")))
    ParseDict({"podSpec": {"containers": [{"name": "sidecar", "command": ["false"]}, container]}}, app.spec.pod)
    plane.apps.create(payload.CreateRequest(app=app))
    plane.wait("pod")
    assert plane.fetch("pod")["version"] == "pod"


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda app: setattr(app.metadata.id, "name", "Not_legal"), "'Not_legal' is not an app name"),
        (lambda app: setattr(app.metadata.id, "name", ""), "'' is not an app name"),
        (lambda app: setattr(app.metadata.id, "name", "a" * 64), "is not an app name"),
        (lambda app: setattr(app.metadata.id, "name", "../../etc"), "is not an app name"),
        (lambda app: setattr(app.metadata.id, "project", ""), "'' is not a project"),
        (lambda app: setattr(app.metadata.id, "project", "../x"), "'../x' is not a project"),
        (lambda app: setattr(app.metadata.id, "domain", "a.b"), "'a.b' is not a domain"),
        (lambda app: app.spec.ClearField("container"), "neither a container nor a pod"),
        (lambda app: app.spec.container.ClearField("command"), "the app has no command"),
        (lambda app: app.spec.container.args.extend(["--tgz", "file:///gone/x.tgz"]), "needs the code bundle /gone"),
    ],
)
def test_a_wrong_declaration_is_refused_with_one_sentence(plane: Plane, change: Any, expected: str) -> None:
    app = declaration("wrong", PLAIN)
    change(app)
    with pytest.raises(ConnectError, match=expected) as caught:
        plane.apps.create(payload.CreateRequest(app=app))
    assert caught.value.code == Code.INVALID_ARGUMENT
    assert "Traceback" not in caught.value.message


def test_a_stop_of_an_unknown_app_is_not_found(plane: Plane) -> None:
    with pytest.raises(ConnectError) as caught:
        plane.update("unknown", stop=True)
    assert caught.value.code == Code.NOT_FOUND


def test_a_secret_that_does_not_exist_fails_the_app_by_name(plane: Plane) -> None:
    app = declaration("secretless", PLAIN)
    app.spec.security_context.secrets.add(key="no-such-key", env_var="KEY")
    plane.apps.create(payload.CreateRequest(app=app))
    assert "secret 'no-such-key' does not exist" in message(plane.wait("secretless", "failed"))


def test_lists_by_project_and_domain_and_continues_by_token(own_plane: Plane) -> None:
    for name in ("c", "a", "b"):
        own_plane.create(name)
    other = declaration("z", PLAIN)
    other.metadata.id.project = "other"
    own_plane.apps.create(payload.CreateRequest(app=other))
    project = ProjectIdentifier(organization="local", name=PROJECT, domain=DOMAIN)
    first = own_plane.apps.list(payload.ListRequest(project=project, request=ListRequest(limit=2)))
    assert [app.metadata.id.name for app in first.apps] == ["a", "b"]
    rest = own_plane.apps.list(payload.ListRequest(project=project, request=ListRequest(limit=2, token=first.token)))
    assert [app.metadata.id.name for app in rest.apps] == ["c"]
    assert rest.token == ""
    everything = own_plane.apps.list(payload.ListRequest(org="local"))
    assert [app.metadata.id.name for app in everything.apps] == ["z", "a", "b", "c"], "by project first"


def test_watch_sends_the_state_as_an_update_too_then_changes(plane: Plane) -> None:
    plane.up("watched", env={"VERSION": "1"})
    seen: list[tuple[str, str]] = []
    finished = threading.Event()

    def watch() -> None:
        client = AppServiceClientSync(plane.url)
        try:
            for response in client.watch(payload.WatchRequest(app_id=identifier("watched"))):
                kind = response.WhichOneof("event")
                event = getattr(response, kind)
                seen.append((kind, phase(event.updated_app if kind == "update_event" else event.app)))
                if kind == "delete_event":
                    break
        finally:
            client.close()
            finished.set()

    threading.Thread(target=watch, daemon=True).start()
    until(lambda: len(seen) >= 2)
    assert seen[:2] == [("create_event", "active"), ("update_event", "active")]
    plane.create("unrelated")
    plane.update("watched", env={"VERSION": "2"})
    until(lambda: seen[-1] == ("update_event", "active") and len(seen) > 2)
    plane.delete("watched")
    assert finished.wait(60)
    assert seen[-1][0] == "delete_event"
    assert ("update_event", "stopped") not in seen, "the SDK takes that for a failed deployment"


def test_logs_follow_a_running_app(plane: Plane) -> None:
    plane.up("chatty", env={"BEHAVIOUR": "chatty"})
    client = AppLogsServiceClientSync(plane.url)
    try:
        stream: Iterator[Any] = iter(client.tail_logs(TailLogsRequest(app_id=identifier("chatty"))))
        assert next(stream).WhichOneof("resp") == "replicas"
        plane.fetch("chatty", "/marker")
        lines: list[str] = []
        while not any("/marker" in line for line in lines):
            lines += [line.message for batch in next(stream).batches.logs for line in batch.structured_lines]
    finally:
        client.close()


def test_flytes_fastapi_environment_listens_where_the_host_says(plane: Plane, tmp_path: Any) -> None:
    """Pins the private hook of Flyte's SDK that makes unmodified FastAPI apps run side by side."""
    script = tmp_path / "hook.py"
    script.write_text(
        "import asyncio, fastapi, flyte\n"
        "from flyte.app.extras import FastAPIAppEnvironment\n"
        "env = FastAPIAppEnvironment(name='hooked', app=fastapi.FastAPI())\n"
        "asyncio.run(env._server())\n"
    )
    plane.create("hooked", ["python", str(script)])
    plane.wait("hooked")
    assert status_of(plane.endpoint("hooked") + "/openapi.json")[0] == 200


def test_a_program_that_ignores_every_port_gets_the_declared_one_if_it_is_free(plane: Plane) -> None:
    port = free_port()
    program = (PROGRAMS / "plain.py").read_text().replace("else 8080", f"else {port}")
    command = ["python", "-E", "-c", program]  # -E: out of reach, as programs in other languages are
    plane.up("headstrong", command, port=port)
    assert plane.fetch("headstrong")["argv"] == ["-c"]
    plane.create("rival", command, port=port)
    reason = message(plane.wait("rival", "failed"))
    assert f"its declared port {port} is taken by pid" in reason
    assert "make it read PORT or declare another port" in reason
    # It tries again and again, and would take the port during the update.
    plane.delete("rival")
    plane.update("headstrong", command, port=port, env={"VERSION": "2"})
    until(lambda: plane.fetch("headstrong")["version"] == "2")
    assert phase(plane.wait("headstrong")) == "active"
