"""Clients that stay connected."""

from __future__ import annotations

import json
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosedError, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from tests.examples.conftest import Deploy
from tests.examples.example import PATIENCE


def joined(url: str) -> ClientConnection:
    return connect(url, open_timeout=PATIENCE, proxy=None)


def heard(client: ClientConnection) -> Any:
    return json.loads(client.recv(PATIENCE))


def test_an_echo(deployed: Deploy) -> None:
    with deployed("websocket-echo") as example:
        example.follow_readme()


def test_a_broadcast_reaches_everybody_in_one_order(deployed: Deploy) -> None:
    with deployed("websocket-broadcast") as example:
        url = example.urls["board"]
        with joined(url) as ada, joined(url) as bob:
            ada.send("one")
            assert bob.recv(PATIENCE) == "one"
            bob.send("two")
            assert [ada.recv(PATIENCE), ada.recv(PATIENCE)] == ["one", "two"]


def test_a_stream_is_heard_from_outside_and_by_a_task(deployed: Deploy) -> None:
    with deployed("websocket-stream") as example:
        example.follow_readme()
        with joined(example.urls["feed"]) as client:
            # So many that those after the first fifty exist, however fast the machine got here.
            seen = [heard(client)["number"] for _ in range(60)]
        assert seen == list(range(seen[0], seen[0] + 60))
        with joined(f"{example.urls['feed']}?after={seen[0] + 50}") as client:
            later = [heard(client)["number"] for _ in range(5)]
        assert later == list(range(later[0], later[0] + 5))
        assert later[0] > seen[0] + 50


def test_rooms_of_a_chat_do_not_hear_each_other(deployed: Deploy) -> None:
    with deployed("websocket-chat") as example:
        url = example.urls["chat"]
        with joined(f"{url}/lobby/ada") as ada, joined(f"{url}/attic/eve") as eve:
            assert heard(ada) == {"joined": "ada", "present": 1}
            assert heard(eve) == {"joined": "eve", "present": 1}
            with joined(f"{url}/lobby/bob") as bob:
                assert heard(bob) == heard(ada) == {"joined": "bob", "present": 2}
                bob.send("hello")
                assert heard(ada) == {"from": "bob", "text": "hello"}
            assert heard(ada) == {"left": "bob", "present": 1}
            eve.send("x" * 2001)
            with pytest.raises(ConnectionClosedError) as closed:
                eve.recv(PATIENCE)
            assert closed.value.rcvd is not None
            assert closed.value.rcvd.code == 1009
        with pytest.raises(InvalidStatus), joined(f"{url}/lobby/NOT-A-NAME"):
            pass


def test_runs_are_started_and_followed(deployed: Deploy) -> None:
    with deployed("websocket-task-runner") as example:
        example.follow_readme()
        with joined(example.urls["runner"]) as client:
            client.send(json.dumps({"id": 1, "task": "simulate", "inputs": {"throws": "many"}}))
            assert "throws" in heard(client)["problems"]
            client.send(json.dumps({"id": 2, "task": "reboot", "inputs": {}}))
            assert heard(client)["error"] == "there is no task 'reboot' here; the tasks: simulate"
            client.send(json.dumps({"id": 3, "task": "simulate", "inputs": {"throws": 0}}))
            while not (update := heard(client))["done"]:
                assert update["id"] == 3
            assert (update["phase"], "at least one is needed" in update["error"]) == ("failed", True)
