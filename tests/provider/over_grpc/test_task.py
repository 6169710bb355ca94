"""`flyte:api:Task` over gRPC."""

from __future__ import annotations

import json

import pytest
from pulumi_flyte_provider.properties.values import UNKNOWN

from tests.provider.over_grpc.oss_server import World
from tests.provider.over_grpc.plugin import Plugin, PluginError

TASK = "flyte:api:Task"
TEMPLATE = {
    "taskTemplate": {
        "type": "python",
        "interface": {"inputs": {"variables": [{"key": "n", "value": {"type": {"simple": "INTEGER"}}}]}},
        "metadata": {"retries": {"retries": 2}, "runtime": {"type": "FLYTE_SDK", "version": "2.12.1"}},
        "container": {"dataConfig": {"enabled": True, "inputPath": "/in"}},
        "config": {"a": "b"},
    },
    "shortName": "count",
}
COUNT = {
    "name": "words.count",
    "version": "v1",
    "image": "py:1",
    "args": ["a0", "--version", "{{version}}"],
    "env": {"A": "1"},
    "secrets": [{"key": "token"}],
    "resources": {"requests": {"cpu": "1"}, "sharedMemory": "1Gi"},
    "template": TEMPLATE,
}
KEY = ("shop", "development", "words.count", "v1")


def test_a_task_is_deployed_whole_and_reads_back(flyte: Plugin, world: World) -> None:
    checked = flyte.check(TASK, "count", COUNT)
    id, outputs = flyte.create(TASK, "count", COUNT)
    assert id == "shop/development/words.count"
    template = world.tasks[KEY].spec.task_template
    assert template.id.version == "v1"
    assert template.container.image == "py:1"
    assert template.container.data_config.input_path == "/in"
    assert list(template.container.args) == ["a0", "--version", "v1"]
    env = {pair.key: pair.value for pair in template.container.env}
    assert json.loads(env["PULUMI_FLYTE"])["owner"] == "shop/dev/flyte:api:Task::count"
    assert flyte.read(TASK, "count", id, checked, outputs)[1:] == (checked, outputs)
    _, imported, _ = flyte.read(TASK, "count", f"{id}@v1")
    assert not flyte.diff(TASK, "count", id, imported, outputs, COUNT).changed


def test_a_new_version_is_an_update_and_the_old_one_stays(flyte: Plugin, world: World) -> None:
    id, outputs = flyte.create(TASK, "count", COUNT)
    old = flyte.check(TASK, "count", COUNT)
    new = {**COUNT, "version": "v2", "args": ["a0", "--version", "{{version}}", "--x"]}
    found = flyte.diff(TASK, "count", id, old, outputs, new)
    assert (found.paths, found.replaces) == ({"version": "UPDATE", "args[3]": "ADD"}, [])
    assert flyte.update(TASK, "count", id, old, outputs, new)["version"] == "v2"
    assert {key[3] for key in world.tasks} == {"v1", "v2"}
    assert flyte.read(TASK, "count", id)[1]["version"] == "v2", "an import without a version takes the latest"


def test_destroying_forgets_and_the_next_up_adopts(flyte: Plugin, world: World) -> None:
    id, outputs = flyte.create(TASK, "count", COUNT)
    flyte.delete(TASK, "count", id, outputs)
    assert KEY in world.tasks
    deployed = world.calls.count("Task.DeployTask")
    flyte.create(TASK, "count", COUNT)
    assert world.calls.count("Task.DeployTask") == deployed, "an identical version needs no deployment"


def test_another_stack_does_not_take_a_task_over(flyte: Plugin, other_stack: Plugin) -> None:
    flyte.create(TASK, "count", COUNT)
    for version in ("v1", "v2"):
        with pytest.raises(PluginError, match="managed by shop/dev/flyte:api:Task::count"):
            other_stack.create(TASK, "mine", {**COUNT, "version": version})
    other_stack.create(TASK, "mine", {**COUNT, "version": "v2", "adopt": True})


def test_an_unmarked_equal_version_is_adopted_and_another_is_not(flyte: Plugin, world: World) -> None:
    flyte.create(TASK, "count", COUNT)
    env = world.tasks[KEY].spec.task_template.container.env
    kept = [pair for pair in env if pair.key != "PULUMI_FLYTE"]
    del env[:]
    env.extend(kept)
    with pytest.raises(PluginError, match="not managed by Pulumi"):
        flyte.create(TASK, "count", {**COUNT, "image": "py:2"})
    flyte.create(TASK, "count", COUNT)


def test_an_upgrade_of_the_sdk_is_no_change(flyte: Plugin) -> None:
    old = flyte.check(TASK, "count", COUNT)
    template = json.loads(json.dumps(TEMPLATE).replace("2.12.1", "2.13.0"))
    assert not flyte.diff(TASK, "count", "x", old, old, {**COUNT, "template": template}).changed


def test_equal_templates_in_other_words_are_equal(flyte: Plugin) -> None:
    old = flyte.check(TASK, "count", COUNT)
    text = json.dumps(TEMPLATE).replace("taskTemplate", "task_template").replace('"INTEGER"', "1")
    assert not flyte.diff(TASK, "count", "x", old, old, {**COUNT, "template": json.loads(text)}).changed


def test_a_pod_template_holds_the_container(flyte: Plugin, world: World) -> None:
    pod = {"podSpec": {"containers": [{"name": "main"}], "nodeSelector": {"a": "b"}}, "primaryContainerName": "main"}
    inputs = {**COUNT, "template": {"taskTemplate": {"k8sPod": pod}}}
    id, outputs = flyte.create(TASK, "count", inputs)
    container = dict(world.tasks[KEY].spec.task_template.k8s_pod.pod_spec.items())["containers"][0]
    assert dict(container.items())["image"] == "py:1"
    _, imported, _ = flyte.read(TASK, "count", id)
    assert not flyte.diff(TASK, "count", id, imported, outputs, inputs).changed


def test_preview_of_an_update_knows_everything(flyte: Plugin) -> None:
    id, outputs = flyte.create(TASK, "count", COUNT)
    preview = flyte.update(TASK, "count", id, COUNT, outputs, {**COUNT, "version": "v2"}, preview=True)
    assert preview["version"] == "v2"
    assert UNKNOWN not in preview.values()


def test_going_back_to_a_version_from_before_a_rename_is_allowed(
    flyte: Plugin, next_run: Plugin, other_stack: Plugin
) -> None:
    flyte.create(TASK, "count", COUNT)
    id, outputs = next_run.create(TASK, "renamed", {**COUNT, "version": "v2"})
    after = next_run.update(TASK, "renamed", id, outputs, outputs, COUNT)
    assert after["owner"] == "shop/dev/flyte:api:Task::renamed"
    other_stack.create(TASK, "mine", {**COUNT, "version": "v3", "adopt": True})
    with pytest.raises(PluginError, match="taken over by shop/prod/"):
        next_run.update(TASK, "renamed", id, after, after, {**COUNT, "version": "v3"})


def test_a_task_stays_in_state_while_the_database_is_down(flyte: Plugin, world: World) -> None:
    """Flyte OSS says not_found then, which would mean that the task is gone."""
    inputs = flyte.check(TASK, "count", COUNT)
    id, outputs = flyte.create(TASK, "count", COUNT)
    world.database_down = True
    with pytest.raises(PluginError, match="connection refused"):
        flyte.read(TASK, "count", id, inputs, outputs)
    world.database_down = False
    world.tasks.clear()
    assert flyte.read(TASK, "count", id, inputs, outputs)[0] == ""
