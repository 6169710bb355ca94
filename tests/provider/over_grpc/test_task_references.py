"""A reference to a missing version of a task is refused, and in the preview if that is certain."""

from __future__ import annotations

import json

import pytest

from tests.provider.over_grpc.oss_server import World
from tests.provider.over_grpc.plugin import Plugin, PluginError

APP, TASK, TRIGGER = "flyte:api:App", "flyte:api:Task", "flyte:api:Trigger"
COUNT = {"name": "words.count", "version": "v2", "image": "python:3.13"}


def wired(version: str | None = "v2", name: str = "words.count") -> dict[str, str]:
    """The variables of a container that is wired to a task."""
    task = {"kind": "task", "project": "shop", "domain": "development", "name": name}
    identity = {"kind": "app", "project": "shop", "domain": "development", "name": "web"}
    inputs = {"t": {**task, **({"version": version} if version else {})}}
    return {"FLYTE_WIRING": json.dumps({"version": 1, "identity": identity, "platform": "flyte", "inputs": inputs})}


def web(**settings: object) -> dict[str, object]:
    return {"name": "web", "image": "nginx:1", "env": wired(**settings)}  # type: ignore[arg-type]


WIRED: dict[str, tuple[str, dict[str, object]]] = {
    "app": (APP, web()),
    "task": (TASK, {"name": "words.all", "version": "v1", "image": "python:3.13", "env": wired()}),
    "trigger": (TRIGGER, {"name": "nightly", "task": "words.count", "taskVersion": "v2", "cron": "0 2 * * *"}),
}


@pytest.mark.parametrize("kind", WIRED)
def test_a_missing_version_is_refused_and_nothing_is_deployed(flyte: Plugin, world: World, kind: str) -> None:
    token, inputs = WIRED[kind]
    with pytest.raises(PluginError, match=r"the task shop/development/words.count@v2, which does not exist"):
        flyte.create(token, "web", inputs)
    assert world.mutations() == []
    assert flyte.create(token, "web", inputs, preview=True), "another process of the plugin may be about to deploy it"


@pytest.mark.parametrize("kind", WIRED)
def test_a_preview_refuses_where_the_task_is_skipped_in_this_run(flyte: Plugin, world: World, kind: str) -> None:
    token, inputs = WIRED[kind]
    flyte.check(TASK, "count", COUNT)
    with pytest.raises(PluginError, match=r"--target '\*\*::count'"):
        flyte.create(token, "web", inputs, preview=True)
    flyte.create(TASK, "count", COUNT, preview=True)
    flyte.create(token, "web", inputs, preview=True)
    assert world.mutations() == []


@pytest.mark.parametrize("kind", WIRED)
def test_what_is_deployed_before_is_found(flyte: Plugin, next_run: Plugin, kind: str) -> None:
    token, inputs = WIRED[kind]
    flyte.create(TASK, "count", COUNT)
    id, outputs = flyte.create(token, "web", inputs)
    next_run.check(TASK, "count", COUNT)
    next_run.update(token, "web", id, inputs, outputs, inputs, preview=True)
    next_run.update(token, "web", id, inputs, outputs, inputs)


def test_an_update_is_refused_as_a_create_is(flyte: Plugin, next_run: Plugin, world: World) -> None:
    flyte.create(TASK, "count", COUNT)
    id, outputs = flyte.create(APP, "web", web())
    before = list(world.mutations())
    next_run.check(TASK, "count", {**COUNT, "version": "v3"})
    for preview in (True, False):
        with pytest.raises(PluginError, match=r"words.count@v3, which does not exist"):
            next_run.update(APP, "web", id, web(), outputs, web(version="v3"), preview=preview)
    assert world.mutations() == before


def test_the_latest_version_is_no_pin(flyte: Plugin) -> None:
    flyte.create(APP, "web", web(version=None))


def test_wiring_that_is_not_ours_is_no_pin(flyte: Plugin) -> None:
    for index, text in enumerate(("", "no json", "[]", '{"version": 99, "inputs": {"t": 1}}')):
        flyte.create(APP, f"web{index}", {"name": f"web{index}", "image": "nginx:1", "env": {"FLYTE_WIRING": text}})
