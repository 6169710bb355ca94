"""The plugin on platform `kubernetes`: tasks and Flyte's secrets beside a cluster, with a Flyte API and without one."""

from __future__ import annotations

import re

import pytest
from pulumi_flyte_provider.properties.values import Secret

from tests.provider.over_grpc.oss_server import World
from tests.provider.over_grpc.plugin import Plugin, PluginError
from tests.provider.over_grpc.test_auth import BACKEND, CREDENTIAL, KEY, accepts, edge
from tests.provider.over_grpc.test_task import COUNT, TASK

SECRET = "flyte:api:Secret"
TRIGGER = "flyte:api:Trigger"
API_KEY = {"name": "api-key", "value": Secret("c4n4ry")}
NIGHTLY = {"name": "nightly", "task": "words.count", "taskVersion": "v1", "cron": "0 2 * * *"}
OBJECTS = ((TASK, "count", COUNT), (SECRET, "key", API_KEY), (TRIGGER, "nightly", NIGHTLY))
NO_API = "need a Flyte API: `pulumi config set flyte:endpoint https://…`"


def test_tasks_their_triggers_and_secrets_go_to_the_flyte_api(kubernetes: Plugin, world: World) -> None:
    made = {kind: kubernetes.create(kind, name, kubernetes.check(kind, name, inputs)) for kind, name, inputs in OBJECTS}
    assert {key[:3] for key in world.tasks} == {("shop", "development", "words.count")}
    assert world.secrets["shop", "development", "api-key"] == "c4n4ry"
    page = "v2/domain/development/project/shop/tasks/words.count"
    assert made[TASK][1]["consoleUrl"] == f"https://console.example.com/{page}"


@pytest.mark.parametrize(("kind", "name", "inputs"), OBJECTS, ids=["task", "secret", "trigger"])
def test_without_a_flyte_api_an_object_says_which_setting_is_missing(
    kubernetes_alone: Plugin, kind: str, name: str, inputs: dict[str, object]
) -> None:
    checked = kubernetes_alone.check(kind, name, inputs)
    kubernetes_alone.create(kind, name, checked, preview=True)
    with pytest.raises(PluginError, match=re.escape(NO_API)):
        kubernetes_alone.create(kind, name, checked)


def test_keys_and_credentials_of_apps_need_no_flyte_api(kubernetes_alone: Plugin) -> None:
    id, key = kubernetes_alone.create(KEY, "backend", BACKEND)
    _, made = kubernetes_alone.create(CREDENTIAL, "edge", edge(key))
    assert accepts(key, made["credential"].value)
    checked = kubernetes_alone.check(KEY, "backend", BACKEND)
    assert kubernetes_alone.read(KEY, "backend", id, checked, key)[2] == key
    kubernetes_alone.delete(KEY, "backend", id, key)


def test_an_app_of_the_flyte_api_is_refused(kubernetes: Plugin) -> None:
    (problem,) = kubernetes.failures("flyte:api:App", "web", {"name": "web", "image": "web:1"})
    assert "this platform's apps are objects of a cluster: declare a `flyte:index:App`" in problem


def test_another_flyte_api_replaces_what_is_on_it_and_the_first_one_nothing(kubernetes_alone: Plugin) -> None:
    alone = {"platform": "kubernetes"}
    first, second = ({**alone, "endpoint": f"https://{name}.example.com"} for name in ("one", "two"))
    assert kubernetes_alone.diff_config(alone, first).replaces == []
    assert "endpoint" in kubernetes_alone.diff_config(first, second).replaces
    assert kubernetes_alone.diff_config(first, {**first, "registry": "ghcr.io/acme"}).replaces == []
