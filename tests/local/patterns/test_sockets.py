"""WebSocket apps through the server: echo, bytes, a stream, rooms."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from tests.local.patterns.conftest import Patterns
from tests.local.tasks.conftest import until


@pytest.fixture(scope="module")
def url(deployed: Callable[..., Patterns]) -> str:
    patterns = deployed("sockets.py")
    patterns.up("sockets", "/docs")
    return patterns.endpoint("sockets", "ws")


def test_echo_with_a_subprotocol(url: str) -> None:
    with connect(url + "/echo", subprotocols=["v1.parrot"]) as websocket:  # type: ignore[list-item]
        assert websocket.subprotocol == "v1.parrot"
        for message in ("a", "b" * 100_000):
            websocket.send(message)
            assert websocket.recv(timeout=60) == f"you said {message}"


def test_bytes_and_the_close_code_of_the_app(url: str) -> None:
    with connect(url + "/bytes") as websocket:
        websocket.send(b"\x00\x01\xff")
        assert websocket.recv(timeout=60) == b"\xff\x01\x00"
        with pytest.raises(ConnectionClosed) as closed:
            websocket.recv(timeout=60)
    assert closed.value.rcvd is not None
    assert (closed.value.rcvd.code, closed.value.rcvd.reason) == (4001, "enough")


def test_a_stream_comes_in_order(url: str) -> None:
    with connect(url + "/count/20") as websocket:
        assert [json.loads(message)["number"] for message in websocket] == list(range(20))


def test_a_room_hears_its_own_messages_only(url: str, patterns: Patterns) -> None:
    with connect(url + "/rooms/red") as ada, connect(url + "/rooms/red") as ben, connect(url + "/rooms/blue") as cy:
        until(lambda: patterns.get("sockets", "/present/red").json() == 2)
        ada.send("hello")
        assert ben.recv(timeout=60) == "hello"
        ben.send("hi")
        assert ada.recv(timeout=60) == "hi"
        with pytest.raises(TimeoutError):
            cy.recv(timeout=0.5)
    until(lambda: patterns.get("sockets", "/present/red").json() == 0)
