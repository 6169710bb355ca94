"""The health check by an app's public URL, and the time for an app's start."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Iterator

import pytest
from pulumi_flyte_provider.resources.app import health, readiness

from tests.provider.over_grpc.oss_server import Server, World
from tests.provider.over_grpc.plugin import PartialFailure, Plugin

APP = "flyte:api:App"
WEB = {"name": "web", "image": "nginx:1", "health": {"path": "/ready"}}


@pytest.fixture
def flyte(server: Server, unconfigured: Plugin) -> Plugin:
    """A plugin that learns public URLs from the platform."""
    unconfigured.configure(platform="flyte", endpoint=server.url)
    return unconfigured


@pytest.fixture(params=["says nothing", "hangs up"])
def silent(request: pytest.FixtureRequest) -> Iterator[str]:
    """The URL of a server that accepts connections and answers none, like an app that hangs or breaks."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(16)
        if request.param == "hangs up":
            threading.Thread(target=_hang_up, args=(listening,), daemon=True).start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        listening.shutdown(socket.SHUT_RDWR)


def _hang_up(listening: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while True:
            listening.accept()[0].close()


def test_an_app_that_accepts_and_does_not_answer_is_not_healthy(
    flyte: Plugin, world: World, silent: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "REQUEST_SECONDS", 0.5)
    world.public_url = silent
    began = time.monotonic()
    with pytest.raises(PartialFailure) as caught:
        flyte.create(APP, "web", WEB, timeout=6)
    assert "/ready does not answer well within 6 s (last: " in caught.value.reasons[0]
    assert time.monotonic() - began < 60


def test_an_app_that_answers_badly_is_not_healthy_and_one_that_answers_well_is(
    flyte: Plugin, world: World, server: Server
) -> None:
    world.public_url = server.url
    with pytest.raises(PartialFailure, match="HTTP 404"):
        flyte.create(APP, "web", WEB, timeout=3)
    flyte.create(APP, "good", {**WEB, "name": "good", "health": {"path": "/store/ready"}}, timeout=60)


@pytest.mark.parametrize("url", ["http://127.0.0.1:9", "https://no-such-host.invalid", "web.example.com", "http://a:b"])
def test_a_url_that_this_machine_cannot_ask_says_nothing_about_the_app(flyte: Plugin, world: World, url: str) -> None:
    world.public_url = url
    _, outputs = flyte.create(APP, "web", WEB, timeout=60)
    assert outputs["publicEndpoint"] == url


def test_an_app_gets_at_least_the_time_that_its_health_was_given(
    flyte: Plugin, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert readiness.time_limit(None) == readiness.time_limit(60) == readiness.DEFAULT_TIMEOUT
    assert readiness.time_limit(600) > 600
    monkeypatch.setattr(readiness, "DEFAULT_TIMEOUT", 0.5)
    monkeypatch.setattr(readiness, "START_MARGIN", 0.5)
    world.pend_apps = True
    with pytest.raises(PartialFailure) as caught:
        flyte.create(APP, "web", {**WEB, "health": {"path": "/ready", "timeout": 1.5}})
    assert "not ready within 2 s" in caught.value.reasons[0]
    with pytest.raises(PartialFailure) as caught:
        flyte.create(APP, "web", {**WEB, "health": {"path": "/ready", "timeout": 1.5}}, timeout=1)
    assert "not ready within 1 s" in caught.value.reasons[0], "customTimeouts are the user's word"
