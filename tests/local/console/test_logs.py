"""Logs as text and as they are written."""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import pytest
from flyte_local import daemon
from flyte_local.console.log_lines import clean
from flyte_local.console.logs import fit
from flyteidl2.core.security_pb2 import Secret
from hypothesis import given
from hypothesis import strategies as st

from tests.local.apps.conftest import until
from tests.local.tasks.conftest import _world, secret

from .conftest import CHATTY, SCOPE, Shop

EVENT = dict[str, str]


class Events:
    """A server-sent event stream (WHATWG HTML, 9.2), read one event at a time."""

    def __init__(self, response: http.client.HTTPResponse) -> None:
        self._response = response

    def __iter__(self) -> Iterator[EVENT]:
        event: EVENT = {}
        for raw in self._response:
            line = raw.decode().rstrip("\n")
            if not line and event:
                yield event
                event = {}
            elif not line.startswith(":") and line:
                name, _, value = line.partition(":")
                event[name] = value.removeprefix(" ")

    def lines(self, count: int) -> tuple[list[str], str]:
        """Return at least so many lines, and the last position."""
        lines: list[str] = []
        position = ""
        for event in self:
            if "data" in event and event.get("event") is None:
                lines += [line["text"] for line in json.loads(event["data"])]
                position = event.get("id", position)
            if len(lines) >= count or event.get("event") == "end":
                break
        return lines, position


@contextmanager
def following(shop: Shop, path: str, **headers: str) -> Iterator[Events]:
    connection = http.client.HTTPConnection("127.0.0.1", shop.world.port, timeout=60)
    try:
        connection.request("GET", SCOPE + path, headers={k.replace("_", "-"): v for k, v in headers.items()})
        response = connection.getresponse()
        assert response.status == 200
        assert response.headers["content-type"] == "text/event-stream"
        yield Events(response)
    finally:
        connection.close()


def test_an_apps_log_is_followed_and_taken_up_again(shop: Shop) -> None:
    shop.up("watched")
    with following(shop, "/apps/watched/live") as events:
        ask(shop, "watched", "/one")
        lines, position = events.lines(2)
    assert lines == ["ready", "asked for /one"]
    ask(shop, "watched", "/two")
    with following(shop, f"/apps/watched/live?from={position}") as events:
        assert events.lines(1)[0] == ["asked for /two"]
    # What a browser sends when it connects again by itself counts more than the address.
    with following(shop, "/apps/watched/live?from=1.0", Last_Event_ID=position) as events:
        assert events.lines(1)[0] == ["asked for /two"]
    shop.plane.delete("watched")


def test_a_stream_says_the_status_and_goes_on_with_the_next_revision(shop: Shop) -> None:
    shop.up("updated")
    with following(shop, "/apps/updated/live") as events:
        assert events.lines(1)[0] == ["ready"]
        shop.plane.update("updated", CHATTY, env={"GREETING": "ready again"})
        assert events.lines(2)[0] == ["— revision 2 —", "ready again"]
        shop.plane.delete("updated")
        assert any(event.get("event") == "end" for event in events)
    shop.up("updated")
    with following(shop, "/apps/updated/live") as events:
        status = next(event for event in events if event.get("event") == "status")
        assert json.loads(status["data"])["phase"] == "active"
    shop.plane.delete("updated")


def test_a_runs_log_is_followed_to_its_end_without_its_secrets(shop: Shop) -> None:
    shop.secret("followed", "canary-live-77aa")
    script = "echo started; sleep 1; echo \"it is $FOLLOWED\"; printf '\\033[31mred\\033[0m\\r\\n'; printf 'no newline'"
    spec = shop.world.shell(script, secrets=[secret("followed", "FOLLOWED", mount_requirement=Secret.ENV_VAR)])
    run = shop.world.run(spec)
    shop.world.started(run)
    with following(shop, f"/runs/{run.name}/live") as events:
        lines, _ = events.lines(100)
    assert lines == ["started", "it is ***", "red", "no newline"]
    whole = shop.page(f"/runs/{run.name}/log")
    assert whole.headers["content-type"] == "text/plain; charset=utf-8"
    assert "sandbox" in whole.headers["content-security-policy"]
    assert "\x1b[31mred" in whole.text


@pytest.mark.parametrize("position", ["", "x", "-1", "1.x", "9" * 30, "1.99999999999", "%00", "²"])
def test_a_position_that_makes_no_sense_breaks_nothing(shop: Shop, position: str) -> None:
    with following(shop, f"/apps/orders/live?from={quote(position, safe='%')}") as events:
        assert next(iter(events))["retry"] == "1000"
        assert any(event.get("event") == "status" for event in events)


def test_a_log_of_a_replica_or_revision_that_is_not_there_is_empty(shop: Shop) -> None:
    assert shop.page("/apps/orders/log?revision=99&replica=7").text == ""
    assert "Log" in shop.page("/apps/orders?revision=99").words


def test_an_endless_line_is_passed_over(shop: Shop) -> None:
    run = shop.world.run(shop.world.shell("head -c 3000000 /dev/zero | tr '\\0' x; echo; echo after"))
    shop.world.wait(run)
    page = shop.page(f"/runs/{run.name}")
    assert len(page.body) < 50_000
    assert "after" in page.words
    with following(shop, f"/runs/{run.name}/live") as events:
        lines, _ = events.lines(100)
    assert lines[-1] == "after"


def test_followers_do_not_hold_up_a_stop(tmp_path: Path) -> None:
    for world in _world(tmp_path):
        shop = Shop(world)
        shop.up("watched")
        with following(shop, "/apps/watched/live") as events:
            events.lines(1)
            began = time.monotonic()
            daemon.stop(world.home, world.port)
            assert list(events) is not None
            assert "did not complete" not in world.home.server_log.read_text()
            assert "Exception" not in world.home.server_log.read_text()
            assert time.monotonic() - began < 60


@given(st.lists(st.text(max_size=400), max_size=300))
def test_what_a_page_shows_of_a_log_is_its_end_and_bounded(lines: list[str]) -> None:
    shown = [line.text for line in fit(lines)]
    assert sum(len(line) for line in shown) <= 12_000
    assert shown == [clean(line) for line in lines[len(lines) - len(shown) :]]


@given(st.text(st.characters(exclude_characters="\x1b\r")))
def test_what_only_a_terminal_understands_is_left_out(text: str) -> None:
    assert clean(f"\x1b[1;31m{text}\x1b[0m\x1b[2K\r") == text


def test_one_line_that_is_longer_than_a_page_is_cut() -> None:
    (line,) = fit(["short", "x" * 100_000])
    assert line.text.endswith(" …")


def ask(shop: Shop, name: str, path: str) -> None:
    answer = shop.get(f"/apps/shop/development/{name}{path}")
    assert answer.status == 200
    until(lambda: f"asked for {path}" in shop.plane.log(name))
