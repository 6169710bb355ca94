"""`flyte:api:App` over gRPC against the semantics of Flyte OSS."""

from __future__ import annotations

import json
import time

import pytest
from connectrpc.code import Code
from connectrpc.errors import ConnectError
from flyteidl2.app import app_definition_pb2 as pb
from google.protobuf.json_format import MessageToDict
from pulumi_flyte_provider.properties.json_merge import remainder
from pulumi_flyte_provider.properties.values import UNKNOWN, Secret

from tests.provider.over_grpc.oss_server import Server, World
from tests.provider.over_grpc.plugin import PartialFailure, Plugin, PluginError

APP = "flyte:api:App"
WEB = {"name": "web", "image": "nginx:1", "env": {"A": "1"}, "port": 9000}


def environment(world: World, name: str = "web") -> dict[str, str]:
    """Return the variables of the app's container."""
    app = world.app(name)
    assert app is not None
    return {pair.key: pair.value for pair in app.spec.container.env}


def test_preview_of_a_create_knows_every_endpoint_and_touches_nothing(flyte: Plugin, world: World) -> None:
    _, outputs = flyte.create(APP, "web", WEB, preview=True)
    assert outputs["endpoint"] == "http://web-shop-development.flyte.svc.cluster.local"
    assert outputs["publicEndpoint"] == "https://web-shop-development.apps.example.com"
    assert outputs["consoleUrl"].endswith("/v2/domain/development/project/shop/apps/web")
    assert world.mutations() == []


def test_urls_are_those_of_the_provider_whatever_the_program_computed(flyte: Plugin) -> None:
    computed = {"endpoint": "http://e", "publicEndpoint": "http://p", "consoleUrl": "http://c"}
    checked = flyte.check(APP, "web", {**WEB, **computed})
    assert checked == flyte.check(APP, "web", WEB)
    assert checked["consoleUrl"].endswith("/v2/domain/development/project/shop/apps/web")


def test_a_state_without_the_console_url_is_unchanged(flyte: Plugin) -> None:
    id, outputs = flyte.create(APP, "web", WEB)
    checked = flyte.check(APP, "web", WEB)
    earlier = {key: value for key, value in checked.items() if key != "consoleUrl"}
    assert not flyte.diff(APP, "web", id, earlier, outputs, checked).paths


def test_unknown_values_pass_check_and_stay_unknown(flyte: Plugin) -> None:
    inputs = {**WEB, "env": {"A": UNKNOWN, "B": "1"}, "scaling": {"minReplicas": UNKNOWN}, "image": UNKNOWN}
    _, outputs = flyte.create(APP, "web", inputs, preview=True)
    assert outputs["env"] == {"A": UNKNOWN, "B": "1"}
    assert outputs["endpoint"] == "http://web-shop-development.flyte.svc.cluster.local"


def test_create_marks_and_reads_back_what_was_declared(flyte: Plugin, world: World) -> None:
    inputs = {
        **WEB,
        "command": ["serve"],
        "args": ["--port", "9000"],
        "secrets": [{"key": "api-key"}, {"key": "cert", "mount": "/etc/flyte/secrets"}],
        "secretVersions": {"api-key": "abc"},
        "resources": {
            "requests": {"cpu": "500m", "memory": "1Gi", "gpu": "1"},
            "limits": {"cpu": "1"},
            "accelerator": {"device": "T4"},
            "sharedMemory": "1Gi",
        },
        "scaling": {"minReplicas": 1, "maxReplicas": 3, "concurrency": 10, "scaledownAfter": 90},
        "timeouts": {"request": 60},
        "links": [{"path": "/docs", "title": "Docs", "isRelative": True}],
        "serviceAccount": "runner",
        "type": "FastAPI",
        "description": "A web app",
        "version": "v1",
        "health": {"path": "/healthz"},
        "requiresAuth": True,
        "inputs": [{"name": "model", "value": "s3://m"}],
        "ingress": {"subdomain": "web"},
    }
    checked = flyte.check(APP, "web", inputs)
    id, outputs = flyte.create(APP, "web", inputs)
    assert id == "shop/development/web"
    assert json.loads(environment(world)["PULUMI_FLYTE"])["owner"] == "shop/dev/flyte:api:App::web"
    assert environment(world)["FLYTE_HEALTH_PATH"] == "/healthz"
    read_id, read_inputs, read_outputs = flyte.read(APP, "web", id, checked, outputs)
    assert (read_id, read_inputs, read_outputs) == (id, checked, outputs)
    _, imported, _ = flyte.read(APP, "web", id)
    assert not flyte.diff(APP, "web", id, imported, outputs, inputs).changed


def test_an_app_that_another_tool_deployed_imports_without_a_difference(flyte: Plugin, world: World) -> None:
    app = pb.App()
    app.metadata.id.project, app.metadata.id.domain, app.metadata.id.name = "shop", "development", "cli"
    app.spec.container.image = "ghcr.io/x:1"
    app.spec.container.command.extend(["fserve", "--"])
    app.spec.container.env.add(key="Z", value="1")
    app.spec.container.env.add(key="A", value="2")
    app.spec.container.ports.add(container_port=8080, name="h2c")
    app.spec.container.config.add(key="k", value="v")
    app.spec.cluster_pool = "gpu"
    app.spec.profile.icon_url = "https://x/i.png"
    app.spec.runtime_metadata.version = "2.12.1"
    app.spec.creator.user.id.subject = "me"
    app.spec.inputs.items.add(name="up").app_id.name = "web"
    app.status.conditions.add(deployment_status=pb.Status.DEPLOYMENT_STATUS_ACTIVE)
    world.apps["cli-shop-development"] = app
    id, inputs, outputs = flyte.read(APP, "cli", "shop/development/cli")
    assert "runtimeMetadata" not in inputs["extra"]
    assert not flyte.diff(APP, "cli", id, inputs, outputs, inputs).changed
    before = pb.Spec()
    before.CopyFrom(app.spec)
    flyte.update(APP, "cli", id, inputs, outputs, {**inputs, "description": "new"})
    after = world.app("cli")
    assert after is not None
    after.spec.profile.short_description = ""
    kept = {pair.key: pair.value for pair in after.spec.container.env if pair.key != "PULUMI_FLYTE"}
    assert kept == {"A": "2", "Z": "1"}
    for spec in (before, after.spec):
        spec.container.ClearField("env")
        spec.ClearField("runtime_metadata")
        spec.ClearField("desired_state")
    assert remainder(MessageToDict(after.spec), MessageToDict(before)) is None
    assert remainder(MessageToDict(before), MessageToDict(after.spec)) is None


def test_a_pod_template_round_trips_and_carries_the_mark_in_its_primary_container(flyte: Plugin, world: World) -> None:
    pod = {
        "podSpec": {
            "containers": [
                {"name": "side", "image": "envoy"},
                {"name": "app", "env": [{"name": "POD", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}}]},
            ],
            "nodeSelector": {"gpu": "yes"},
        }
    }
    inputs = {**WEB, "pod": pod, "resources": {"requests": {"cpu": "1"}}}
    id, outputs = flyte.create(APP, "web", inputs)
    app = world.app("web")
    assert app is not None
    containers = dict(app.spec.pod.pod_spec.items())["containers"]
    primary = dict(containers[1].items())
    assert {dict(v.items())["name"] for v in primary["env"]} == {"A", "POD", "PULUMI_FLYTE"}
    _, imported, _ = flyte.read(APP, "web", id)
    assert not flyte.diff(APP, "web", id, imported, outputs, inputs).changed


def test_create_finishes_its_own_interrupted_create(flyte: Plugin, world: World) -> None:
    flyte.create(APP, "web", WEB)
    id, _ = flyte.create(APP, "web", {**WEB, "env": {"A": "2"}})
    assert (id, environment(world)["A"]) == ("shop/development/web", "2")


def test_create_takes_over_nothing(flyte: Plugin, other_stack: Plugin, world: World) -> None:
    flyte.create(APP, "web", WEB)
    with pytest.raises(
        PluginError, match=r"(?s)managed by shop/dev/flyte:api:App::web .*flyte:project shop-prod`\n.*adopt=true"
    ):
        other_stack.create(APP, "mine", WEB)
    app = world.app("web")
    assert app is not None
    del app.spec.container.env[:]
    with pytest.raises(
        PluginError, match=r"(?s)not managed by Pulumi.*pulumi import flyte:api:App NAME shop/development/web"
    ):
        flyte.create(APP, "web", WEB)
    other_stack.create(APP, "mine", {**WEB, "adopt": True})
    assert "shop/prod/" in environment(world)["PULUMI_FLYTE"]


def test_update_and_delete_respect_a_later_owner(flyte: Plugin, other_stack: Plugin, world: World) -> None:
    id, outputs = flyte.create(APP, "web", WEB)
    other_stack.create(APP, "mine", {**WEB, "adopt": True})
    with pytest.raises(PluginError, match="taken over by shop/prod/flyte:api:App::mine"):
        flyte.update(APP, "web", id, outputs, outputs, {**WEB, "port": 9001})
    flyte.delete(APP, "web", id, outputs)
    assert world.app("web") is not None


def test_stopping_applies_the_spec_first(flyte: Plugin, world: World) -> None:
    id, outputs = flyte.create(APP, "web", WEB)
    old = flyte.check(APP, "web", WEB)
    stopped = {**WEB, "active": False, "image": "nginx:2"}
    after = flyte.update(APP, "web", id, old, outputs, stopped)
    app = world.app("web")
    assert app is not None
    assert app.spec.container.image == "nginx:2"
    assert app.status.conditions[-1].deployment_status == pb.Status.DEPLOYMENT_STATUS_STOPPED
    assert after["publicEndpoint"] == outputs["publicEndpoint"], "a stopped app has no ingress: keep what it was"
    calls = len(world.mutations())
    flyte.update(APP, "web", id, flyte.check(APP, "web", stopped), after, stopped)
    assert len(world.mutations()) == calls, "stopping a stopped app is no call"
    flyte.update(APP, "web", id, stopped, after, {**stopped, "active": True})
    assert world.app("web").status.conditions[-1].deployment_status == pb.Status.DEPLOYMENT_STATUS_ACTIVE  # type: ignore[union-attr]


def test_refresh_shows_an_app_that_was_stopped_and_one_that_is_gone(flyte: Plugin, world: World) -> None:
    id, outputs = flyte.create(APP, "web", WEB)
    inputs = flyte.check(APP, "web", WEB)
    app = world.app("web")
    assert app is not None
    app.status.conditions.add(deployment_status=pb.Status.DEPLOYMENT_STATUS_STOPPED)
    app.spec.container.image = "nginx:9"
    _, live, _ = flyte.read(APP, "web", id, inputs, outputs)
    assert live == {**inputs, "active": False, "image": "nginx:9"}
    assert set(flyte.diff(APP, "web", id, live, outputs, WEB).paths) == {"active", "image"}
    world.apps.clear()
    assert flyte.read(APP, "web", id, inputs, outputs)[0] == ""


def test_a_failed_app_stays_in_state_with_the_reason_and_its_last_lines(flyte: Plugin, world: World) -> None:
    world.fail_apps = "exited with code 1"
    world.logs = [f"line {n}" for n in range(40)]
    with pytest.raises(PartialFailure) as caught:
        flyte.create(APP, "web", WEB)
    failure = caught.value
    assert failure.id == "shop/development/web"
    assert "exited with code 1" in failure.reasons[0]
    assert "line 39" in failure.reasons[0]
    assert "line 20" in failure.reasons[0]
    assert "line 19" not in failure.reasons[0]
    world.fail_apps = None
    after = flyte.update(APP, "web", failure.id, failure.outputs, failure.outputs, WEB)
    assert after["endpoint"] == failure.outputs["endpoint"], "the next up tries again, although nothing changed"


def test_trying_a_failed_update_again_stops_nothing(flyte: Plugin, world: World) -> None:
    id, outputs = flyte.create(APP, "web", WEB)
    old, broken = flyte.check(APP, "web", WEB), {**WEB, "image": "nginx:broken"}
    world.fail_apps = "exited with code 1"
    for attempt in (0, 1, 2):
        with pytest.raises(PartialFailure, match="exited with code 1"):
            flyte.update(APP, "web", id, old, outputs, broken)
        assert json.loads(environment(world)["PULUMI_FLYTE"]).get("attempt", 0) == attempt, "a revision of its own"
    assert "App.Stop" not in world.calls, "the older revision still serves: stopping the app would end it"
    _, live, _ = flyte.read(APP, "web", id, flyte.check(APP, "web", broken), outputs)
    assert not flyte.diff(APP, "web", id, live, outputs, broken).changed, "a further attempt is no difference"


def test_a_move_without_aliases_is_refused_and_says_what_to_do(flyte: Plugin, next_run: Plugin, world: World) -> None:
    flyte.create(f"flyte:index:App${APP}", "web", WEB)
    owner = "shop/dev/flyte:index:App$flyte:api:App::web"
    assert json.loads(environment(world)["PULUMI_FLYTE"])["owner"] == owner
    # The engine makes the one under the new parent first, and deletes the old one afterwards.
    with pytest.raises(
        PluginError, match=r"(?s)another resource of this stack.*moved to another parent, name it in `aliases`"
    ):
        next_run.create(f"my:index:Group${APP}", "web", WEB)
    assert json.loads(environment(world)["PULUMI_FLYTE"])["owner"] == owner


def test_an_app_that_never_gets_ready_fails_within_its_timeout(flyte: Plugin, world: World) -> None:
    world.pend_apps = True
    began = time.monotonic()
    with pytest.raises(PartialFailure) as caught:
        flyte.create(APP, "web", WEB, timeout=1)
    assert "not ready within 1 s (waiting for a node)" in caught.value.reasons[0]
    assert time.monotonic() - began < 60


def test_cancel_ends_the_waiting_and_keeps_the_state(flyte: Plugin, world: World) -> None:
    import threading

    world.pend_apps = True
    threading.Timer(0.5, flyte.cancel).start()
    with pytest.raises(PartialFailure) as caught:
        flyte.create(APP, "web", WEB)
    assert "cancelled" in caught.value.reasons[0]


def test_an_update_of_a_vanished_app_makes_it_again(flyte: Plugin, world: World) -> None:
    id, outputs = flyte.create(APP, "web", WEB)
    world.apps.clear()
    flyte.update(APP, "web", id, outputs, outputs, {**WEB, "instance": 2})
    assert world.app("web") is not None


def test_deleting_what_was_replaced_leaves_the_app_that_replaced_it(flyte: Plugin, world: World) -> None:
    id, old = flyte.create(APP, "web", WEB)
    same_id, new = flyte.create(APP, "web", {**WEB, "port": 9001})
    assert same_id == id
    flyte.delete(APP, "web", id, old)
    app = world.app("web")
    assert app is not None
    assert app.spec.container.ports[0].container_port == 9001
    inputs = flyte.check(APP, "web", {**WEB, "port": 9001})
    read = flyte.read(APP, "web", id, inputs, old)
    assert read[2]["creation"] == new["creation"], "a refresh learns which app it is"
    flyte.delete(APP, "web", id, new)
    assert world.app("web") is None


def test_delete_is_idempotent(flyte: Plugin, world: World) -> None:
    id, outputs = flyte.create(APP, "web", WEB)
    flyte.delete(APP, "web", id, outputs)
    flyte.delete(APP, "web", id, outputs)
    assert world.apps == {}


@pytest.mark.parametrize(
    ("change", "paths"),
    [
        ({"port": 9001}, {"port": "UPDATE"}),
        ({"env": {"A": "1", "B.c": "2"}}, {'env["B.c"]': "ADD"}),
        ({"env": {}}, {"env": "DELETE"}),
        ({"env": {"A": UNKNOWN}}, {"env.A": "UPDATE"}),
        ({"scaling": {"minReplicas": UNKNOWN}}, {"scaling": "ADD"}),
        ({"resources": {"requests": {"cpu": "1"}}}, {"resources": "ADD"}),
        ({"instance": 2}, {"instance": "ADD"}),
        ({"adopt": True}, {}),
        ({"active": True}, {}),
        ({"secrets": []}, {}),
        ({"scaling": {}}, {}),
        ({"name": "web2"}, {"name": "UPDATE_REPLACE", "endpoint": "UPDATE", "publicEndpoint": "UPDATE"}),
        ({"project": "other"}, {"project": "UPDATE_REPLACE", "endpoint": "UPDATE", "publicEndpoint": "UPDATE"}),
    ],
)
def test_differences_are_readable_and_exact(flyte: Plugin, change: dict[str, object], paths: dict[str, str]) -> None:
    old = flyte.check(APP, "web", WEB)
    found = flyte.diff(APP, "web", "shop/development/web", old, old, {**WEB, **change})
    assert found.paths == paths
    assert found.changed == bool(paths)


def test_another_organisation_replaces_the_old_app_first(flyte: Plugin) -> None:
    old = flyte.check(APP, "web", WEB)
    found = flyte.diff(APP, "web", "shop/development/web", old, old, {**WEB, "org": "acme"})
    assert (found.paths, found.delete_first) == ({"org": "UPDATE_REPLACE"}, True)


def test_two_apps_that_become_one_service_are_found_in_check(flyte: Plugin) -> None:
    flyte.check(APP, "one", {**WEB, "name": "a-b", "project": "c"})
    flyte.check(APP, "one", {**WEB, "name": "a-b", "project": "c"})
    (problem,) = flyte.failures(APP, "two", {**WEB, "name": "a", "project": "b-c"})
    assert "c/development/a-b ('one')" in problem
    assert "'a-b-c-development'" in problem
    (problem,) = flyte.failures(APP, "three", {**WEB, "name": "a-b", "project": "c"})
    assert "another resource declares the app c/development/a-b ('one') already" in problem


def test_a_missing_project_is_an_error_with_both_ways_out(flyte: Plugin, world: World) -> None:
    with pytest.raises(
        PluginError, match=r"'nope' does not exist .*flyte:api:Project.*pulumi config set flyte:project"
    ):
        flyte.create(APP, "web", {**WEB, "project": "nope"})
    with pytest.raises(PluginError, match=r"has no domain 'qa'.* \(it has development, staging, production\)"):
        flyte.create(APP, "web", {**WEB, "domain": "qa"})
    assert world.mutations() == []


def test_a_secret_in_a_spec_is_refused_without_showing_it(flyte: Plugin) -> None:
    (problem,) = flyte.failures(APP, "web", {**WEB, "env": {"A": Secret("c4n4ry")}})
    assert problem.startswith("env.A: ")
    assert "c4n4ry" not in problem


def test_a_server_that_hiccups_is_asked_again(flyte: Plugin, world: World) -> None:
    world.faults["App.Get"] = [ConnectError(Code.UNAVAILABLE, "upstream reset")]
    flyte.create(APP, "web", WEB)
    assert world.app("web") is not None


def test_a_refusal_is_one_sentence(flyte: Plugin, world: World) -> None:
    world.faults["App.Create"] = [ConnectError(Code.INVALID_ARGUMENT, "bad spec")]
    with pytest.raises(PluginError, match=r"^deploying the app shop/development/web: .* invalid_argument: bad spec$"):
        flyte.create(APP, "web", WEB)


@pytest.mark.parametrize("endpoint", ["http://127.0.0.1:9", "http://no-such-host.invalid"])
def test_a_wrong_endpoint_is_one_clear_sentence(unconfigured: Plugin, endpoint: str) -> None:
    unconfigured.configure(platform="flyte", endpoint=endpoint)
    with pytest.raises(PluginError) as caught:
        unconfigured.read(APP, "web", "shop/development/web")
    text = str(caught.value)
    assert f"no Flyte API answers at {endpoint}" in text
    assert "check flyte:endpoint" in text
    assert "\n" not in text
    assert "Traceback" not in text


def test_a_web_server_that_is_no_flyte_api_is_said_to_be_none(unconfigured: Plugin, server: Server) -> None:
    unconfigured.configure(platform="flyte", endpoint=f"{server.url}/nothing/here")
    with pytest.raises(PluginError, match="Flyte API"):
        unconfigured.read(APP, "web", "shop/development/web")
