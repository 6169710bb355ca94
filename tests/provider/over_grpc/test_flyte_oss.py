"""Learnt from the real API server of Flyte OSS: an app's variables, its conditions, and what Get does not say."""

from __future__ import annotations

import time

import pytest
from flyteidl2.app import app_definition_pb2 as pb
from pulumi_flyte_provider.messages.engine_log import EngineLog
from pulumi_flyte_provider.resources.app import readiness

from tests.provider.over_grpc.oss_server import ALWAYS_SET, World
from tests.provider.over_grpc.plugin import PartialFailure, Plugin, PluginError

APP = "flyte:api:App"
WIRED = dict.fromkeys([*ALWAYS_SET, "_U_EP_OVERRIDE", "_U_INSECURE", "_U_ORG_NAME"], "ours")
WEB = {"name": "web", "image": "nginx:1", "env": {"A": "1", **WIRED}}
Status = pb.Status


def variables(world: World) -> set[str]:
    """Return the names of the variables in the app's spec, without the variable of the mark."""
    app = world.app("web")
    assert app is not None
    return {pair.key for pair in app.spec.container.env} - {"PULUMI_FLYTE"}


def test_variables_that_the_install_sets_itself_are_left_to_it_and_are_no_drift(flyte: Plugin, world: World) -> None:
    world.default_env = ("_U_EP_OVERRIDE", "_U_INSECURE", "FLYTE_AWS_ENDPOINT")
    id, outputs = flyte.create(APP, "web", WEB)
    assert variables(world) == {"A", "_U_ORG_NAME"}
    inputs = flyte.check(APP, "web", WEB)
    assert flyte.read(APP, "web", id, inputs, outputs)[1] == inputs
    changed = {**WEB, "image": "nginx:2"}
    flyte.update(APP, "web", id, inputs, outputs, changed)
    assert variables(world) == {"A", "_U_ORG_NAME"}
    world.default_env = ()
    flyte.update(APP, "web", id, flyte.check(APP, "web", changed), outputs, {**changed, "image": "nginx:3"})
    assert variables(world) == {"A", "_U_ORG_NAME", "_U_EP_OVERRIDE", "_U_INSECURE"}, "an install may change its mind"


def test_what_flyte_sets_in_every_app_is_not_even_sent(flyte: Plugin, world: World) -> None:
    declared = {**WEB, "env": {"A": "1", **dict.fromkeys(ALWAYS_SET, "ours")}}
    id, outputs = flyte.create(APP, "web", declared)
    assert world.calls.count("App.Create") == 1, "nothing was refused"
    inputs = flyte.check(APP, "web", declared)
    assert flyte.read(APP, "web", id, inputs, outputs)[1] == inputs
    flyte.update(APP, "web", id, inputs, outputs, {**declared, "image": "nginx:2"})
    assert variables(world) == {"A"}
    assert len(world.mutations()) == 2, "one to create, one to update"


def test_an_app_that_was_deployed_without_all_that_flyte_sets_has_no_diff(flyte: Plugin, world: World) -> None:
    """A stack of an earlier release, whose mark names what the platform refused then."""
    id, outputs = flyte.create(APP, "web", WEB)
    app = world.app("web")
    assert app is not None
    mark = next(pair for pair in app.spec.container.env if pair.key == "PULUMI_FLYTE")
    assert all(name in mark.value for name in ALWAYS_SET)
    inputs = flyte.check(APP, "web", WEB)
    assert not flyte.diff(APP, "web", id, inputs, outputs, WEB).changed
    assert flyte.read(APP, "web", id, inputs, outputs)[1] == inputs


def test_the_same_app_is_stopped_as_it_is_where_variables_were_left_out(flyte: Plugin, world: World) -> None:
    id, outputs = flyte.create(APP, "web", WEB)
    before = len(world.mutations())
    flyte.update(APP, "web", id, flyte.check(APP, "web", WEB), outputs, {**WEB, "active": False})
    assert world.mutations()[before:] == ["App.Update"]
    assert world.calls.count("App.Stop") == 1


def test_a_variable_of_the_users_that_the_install_sets_is_an_error_that_names_it(flyte: Plugin, world: World) -> None:
    world.default_env = ("MODE", "_U_INSECURE")
    with pytest.raises(PluginError, match=r"Flyte sets MODE in every app itself .* remove it from env"):
        flyte.create(APP, "web", {**WEB, "env": {**WIRED, "MODE": "mine"}})
    assert world.app("web") is None


def test_an_update_that_fails_is_seen_although_get_is_answered_from_a_cache(flyte: Plugin, world: World) -> None:
    world.cache_seconds = 30
    world.controller_seconds = 0.5
    id, outputs = flyte.create(APP, "web", WEB)
    world.fail_apps = "RevisionFailed: no such image"
    world.logs = ["serving"]
    with pytest.raises(PartialFailure) as caught:
        flyte.update(APP, "web", id, flyte.check(APP, "web", WEB), outputs, {**WEB, "image": "nginx:9"}, timeout=50)
    assert "the app failed: RevisionFailed: no such image" in caught.value.reasons[0]
    assert "which may be those of the revision before" in caught.value.reasons[0]


def test_without_watch_what_get_says_has_to_do(flyte: Plugin, world: World) -> None:
    world.has_watch = False
    flyte.create(APP, "web", WEB)
    assert world.calls[-2:] == ["App.Watch", "App.Get"]


def test_a_started_app_is_not_ready_before_its_platform_has_looked(flyte: Plugin, world: World) -> None:
    id, outputs = flyte.create(APP, "web", WEB)
    stopped = {**WEB, "active": False}
    flyte.update(APP, "web", id, flyte.check(APP, "web", WEB), outputs, stopped)
    world.controller_seconds = 0.5
    world.fail_apps = "RevisionFailed: it breaks at its start"
    with pytest.raises(PartialFailure, match="it breaks at its start"):
        flyte.update(APP, "web", id, flyte.check(APP, "web", stopped), outputs, {**WEB, "image": "nginx:2"}, timeout=50)


def test_a_cluster_without_knative_is_asked_about(flyte: Plugin, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readiness, "verdict", lambda app: pb.Condition())
    with pytest.raises(PartialFailure, match=r"says nothing about it: does Knative Serving run in its cluster\?"):
        flyte.create(APP, "web", WEB, timeout=1)


def test_an_app_at_another_address_than_foretold_is_a_warning(
    flyte: Plugin, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    warnings: list[str] = []
    monkeypatch.setattr(EngineLog, "warning", lambda self, urn, message: warnings.append(message))
    flyte.create(APP, "web", WEB)
    assert warnings == []
    world.public_url = "http://web.lab.test:30081"
    _, outputs = flyte.create(APP, "other", {**WEB, "name": "other"})
    assert (
        "is served at http://web.lab.test:30081, not at https://other-shop-development.apps.example.com" in warnings[0]
    )
    assert "flyte:baseDomain" in warnings[0]
    assert outputs["publicEndpoint"] == "https://other-shop-development.apps.example.com", "as the preview said"


def test_what_somebody_else_has_asked_get_meanwhile_is_not_taken_for_the_state_before(
    flyte: Plugin, world: World
) -> None:
    """A console keeps a state in the cache that is past when the next update begins."""
    world.cache_seconds = 30
    id, outputs = flyte.create(APP, "web", WEB)
    cached = pb.App()
    cached.CopyFrom(world.app("web"))
    for condition in cached.status.conditions:
        condition.deployment_status = Status.DEPLOYMENT_STATUS_PENDING
    world.fail_apps = "RevisionFailed: no such image"
    inputs = flyte.check(APP, "web", WEB)
    with pytest.raises(PartialFailure):
        flyte.update(APP, "web", id, inputs, outputs, {**WEB, "image": "nginx:9"}, timeout=50)
    world.fail_apps = None
    world.controller_seconds = 0.5
    world.cache["web-shop-development"] = (time.monotonic(), cached)
    flyte.update(APP, "web", id, inputs, outputs, {**WEB, "image": "nginx:2"}, timeout=50)
