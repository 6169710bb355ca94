"""`pulumi import` takes over nothing that somebody else manages."""

from __future__ import annotations

from typing import Any

import pytest
from pulumi_flyte_provider.properties.values import Secret
from pulumi_flyte_provider.resources.project.wire import label_value

from tests.provider.over_grpc.oss_server import World
from tests.provider.over_grpc.plugin import Plugin, PluginError

APP, SECRET, PROJECT = "flyte:api:App", "flyte:api:Secret", "flyte:api:Project"
TRIGGER, TASK = "flyte:api:Trigger", "flyte:api:Task"
OBJECTS: dict[str, dict[str, Any]] = {
    APP: {"name": "web", "image": "nginx:1"},
    SECRET: {"name": "api-key", "value": Secret("c4n4ry")},
    PROJECT: {"name": "lab"},
    TRIGGER: {"name": "nightly", "task": "words.count", "taskVersion": "v1", "cron": "0 2 * * *"},
}
OWNERS = {
    APP: "shop/dev/flyte:api:App::theirs",
    SECRET: "shop/dev/…::theirs",
    PROJECT: label_value("shop/dev/flyte:api:Project::theirs"),
    TRIGGER: "shop/dev/flyte:api:Trigger::theirs",
}


@pytest.mark.usefixtures("deployed_task")
@pytest.mark.parametrize("token", OBJECTS)
def test_an_object_of_another_stack_is_not_imported(flyte: Plugin, other_stack: Plugin, token: str) -> None:
    inputs = flyte.check(token, "theirs", OBJECTS[token])
    id, outputs = flyte.create(token, "theirs", OBJECTS[token])
    with pytest.raises(PluginError) as caught:
        other_stack.read(token, "mine", id)
    text = str(caught.value)
    assert f"is managed by {OWNERS[token]}" in text
    assert "`pulumi state delete`" in text
    assert "adopt=true" in text
    assert flyte.read(token, "theirs", id, inputs, outputs) == (id, inputs, outputs), "a refresh by its owner works"
    taken = other_stack.create(token, "mine", {**OBJECTS[token], "adopt": True})
    assert taken[0] == id, "the way out that the message names"


@pytest.mark.usefixtures("deployed_task")
@pytest.mark.parametrize("token", OBJECTS)
def test_what_carries_our_own_mark_is_imported(flyte: Plugin, next_run: Plugin, token: str) -> None:
    id, _ = flyte.create(token, "mine", OBJECTS[token])
    found, inputs, outputs = next_run.read(token, "mine", id)
    assert found == id
    next_run.update(token, "mine", id, inputs, outputs, OBJECTS[token])


def test_whoever_takes_an_imported_object_over_keeps_it_after_a_refresh(
    flyte: Plugin, other_stack: Plugin, world: World
) -> None:
    flyte.create(APP, "web", OBJECTS[APP])
    app = world.app("web")
    assert app is not None
    del app.spec.container.env[:]
    id, inputs, outputs = flyte.read(APP, "web", "shop/development/web")
    assert "owner" not in outputs, "nobody managed it"
    other_stack.create(APP, "mine", {**OBJECTS[APP], "adopt": True})
    _, inputs, outputs = flyte.read(APP, "web", id, inputs, outputs)
    flyte.delete(APP, "web", id, outputs)
    assert world.app("web") is not None
    with pytest.raises(PluginError, match="taken over by shop/prod/"):
        flyte.update(APP, "web", id, inputs, outputs, {**OBJECTS[APP], "port": 9001})


def test_a_task_of_another_stack_may_be_read_and_not_changed(flyte: Plugin, other_stack: Plugin, world: World) -> None:
    count = {"name": "words.count", "version": "v1", "image": "py:1"}
    id, _ = flyte.create(TASK, "count", count)
    found, inputs, outputs = other_stack.read(TASK, "theirs", id)
    assert (found, inputs["version"], "owner" in outputs) == (id, "v1", False)
    with pytest.raises(PluginError, match="taken over by shop/dev/flyte:api:Task::count"):
        other_stack.update(TASK, "theirs", id, inputs, outputs, {**inputs, "image": "py:2"})
