"""An app that cannot start is not waited for until its time is over, and what it logs is shown meanwhile."""

from __future__ import annotations

import pytest
from pulumi_flyte_provider.messages.engine_log import EngineLog
from pulumi_flyte_provider.resources.app import calls

from tests.provider.over_grpc.oss_server import World
from tests.provider.over_grpc.plugin import PartialFailure, Plugin

APP = "flyte:api:App"
WEB = {"name": "web", "image": "registry.test/web:1"}
TRACEBACK = ["Traceback (most recent call last):", "ModuleNotFoundError: No module named 'fastapi'"]
LONG = 600.0  # longer than pytest gives a test: a test that waits so long fails


@pytest.fixture(autouse=True)
def quick(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Looks follow each other quickly; Knative says nothing but that it waits."""
    monkeypatch.setattr(calls, "LOOK_SECONDS", 0.2)
    world.pend_apps = True


@pytest.fixture
def messages(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The messages that the user sees."""
    cleaned: list[str] = []
    monkeypatch.setattr(EngineLog, "info", lambda self, urn, message: cleaned.append(self._redactor.clean(message)))
    return cleaned


def failure(flyte: Plugin, timeout: float = LONG) -> str:
    """Return the reason why the app is not ready."""
    with pytest.raises(PartialFailure) as caught:
        flyte.create(APP, "web", WEB, timeout=timeout)
    return caught.value.reasons[0]


@pytest.mark.parametrize(
    "reason", ["trying and failing to pull image", "image can't be pulled", "InvalidImageName", "ErrImageNeverPull"]
)
def test_an_image_that_cannot_be_pulled_is_named(flyte: Plugin, world: World, reason: str) -> None:
    world.container_waits = reason
    message = failure(flyte)
    assert f"the image 'registry.test/web:1' cannot be pulled ({reason})" in message
    assert "is it pushed" in message


def test_a_container_that_cannot_be_made_is_not_waited_for(flyte: Plugin, world: World) -> None:
    world.container_waits = "CreateContainerConfigError"
    assert "its container cannot be started: CreateContainerConfigError" in failure(flyte)


def test_a_start_that_fails_again_and_again_ends_the_wait_with_its_log(
    flyte: Plugin, world: World, messages: list[str]
) -> None:
    world.starts = [[*TRACEBACK[:1], f"pid {start}", TRACEBACK[1]] for start in range(9)]
    message = failure(flyte)
    assert "it has ended 3 times in the same way while it started; its last log lines:" in message
    assert TRACEBACK[1] in message
    shown = "\n".join(messages)
    assert shown.count(TRACEBACK[1]) == 1, "each line once"
    assert "pid 0" in shown


def test_starts_that_end_in_different_ways_may_still_lead_somewhere(flyte: Plugin, world: World) -> None:
    world.starts = [["waiting for the database"], ["waiting for the cache"], ["waiting for the queue"]]
    assert "the app is not ready within 4 s" in failure(flyte, timeout=4)


def test_an_app_that_runs_and_is_slow_is_waited_for(flyte: Plugin, world: World, messages: list[str]) -> None:
    world.logs = ["loading a model", "loading a model", "half of it"]
    assert "the app is not ready within 4 s" in failure(flyte, timeout=4)
    assert "\n".join(messages).count("loading a model") == 1


@pytest.mark.parametrize("reason", ["ContainerCreating", "PodInitializing"])
def test_a_container_that_is_being_made_is_waited_for(flyte: Plugin, world: World, reason: str) -> None:
    world.container_waits = reason
    assert "the app is not ready within 3 s" in failure(flyte, timeout=3)


def test_a_secret_in_the_log_is_hidden(flyte: Plugin, world: World, messages: list[str]) -> None:
    world.pend_apps = False
    flyte.create("flyte:api:Secret", "key", {"name": "key", "value": "hunter2-hunter2"})
    world.pend_apps = True
    world.starts = [["the key is hunter2-hunter2"]] * 5
    message = failure(flyte, timeout=4)
    assert "the key is ***" in "\n".join(messages)
    assert "hunter2" not in message


def test_the_log_of_the_revision_that_serves_is_no_sign_of_the_next_one(
    flyte: Plugin, world: World, messages: list[str]
) -> None:
    world.pend_apps = False
    id, outputs = flyte.create(APP, "web", WEB)
    world.pend_apps = True
    world.starts = [TRACEBACK] * 9
    inputs = flyte.check(APP, "web", WEB)
    with pytest.raises(PartialFailure, match="not ready within 4 s"):
        flyte.update(APP, "web", id, inputs, outputs, {**WEB, "image": "registry.test/web:2"}, timeout=4)
    assert not any(TRACEBACK[1] in message for message in messages)
