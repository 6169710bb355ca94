"""Another `flyte:localPort` moves the control plane of a home; what is there stays there."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Callable

import httpx

from tests.e2e.harness import VENV_BIN, Stack
from tests.e2e.programs import KEY, SERVER, SHOP
from tests.ports import free_port

MakeStack = Callable[..., Stack]
# What two stacks share only where they are told to.
PLACE = {"flyte:project": "shop", "flyte:domain": "development"}
SMALL = {
    "__main__.py": """\
        from pulumi_flyte import App, Environment, Secret
        shop = Environment("shop")
        key = Secret("{name}-key", environment=shop, value="v1")
        App("{name}", environment=shop, source="backend.py:app", secrets={{"KEY": key}})
    """,
    "answer.py": SHOP["answer.py"],
    "backend.py": SHOP["backend.py"],
}


def small(stack: Stack, name: str) -> Stack:
    stack.write({path: text.format(name=name) if path == "__main__.py" else text for path, text in SMALL.items()})
    stack.init()
    stack.configure(PLACE)
    return stack


def get(stack: Stack, path: str) -> httpx.Response:
    return httpx.get(f"http://127.0.0.1:{stack.port}/apps/shop/development/{path}", timeout=60)


def moved(stack: Stack) -> None:
    stack.port = free_port()
    stack.configure({"flyte:localPort": str(stack.port)})


def test_a_stack_moves_to_another_port_and_keeps_everything(stack: Stack) -> None:
    stack.write(SHOP)
    stack.init()
    stack.configure(PLACE)
    stack.configure({"webhookApiKey": KEY}, secret=True)
    stack.deployed()
    moved(stack)
    update = stack.deployed()
    assert SERVER in update.changed
    assert set(update.steps.values()) == {"update"}, "nothing is replaced"
    assert get(stack, "webhook/backend").json()["app"] == "backend"
    assert get(stack, "webhook/key").json() == {"length": len(KEY)}
    assert "cat.png@3" in get(stack, "webhook/jobs").json()["outputs"]
    assert stack.deployed().changed == set()
    assert stack.refresh().summary == {}
    moved(stack)
    destroyed = stack.destroy()
    assert destroyed.code == 0, destroyed.text
    assert not stack.remaining()


def test_a_server_that_other_stacks_use_is_not_moved(stack: Stack, make_stack: MakeStack) -> None:
    small(stack, "first").deployed()
    other = small(make_stack(port=stack.port, name="other", home=stack.base / "home"), "second")
    other.deployed()
    port = other.port
    moved(other)
    for refused in (other.preview(), other.up()):
        assert refused.code != 0
        assert f"runs on port {port}, which shop/dev relies on" in refused.text
        assert f"pulumi config set flyte:localPort {port}" in refused.text
    assert get(stack, "first/").status_code == 200

    third = small(make_stack(port=other.port, name="third", home=stack.base / "home"), "third")
    refused = third.preview()
    assert refused.code != 0
    assert "which shop/dev, shop/other relies on" in refused.text

    other.configure({"flyte:localPort": str(port)})
    assert other.deployed().changed == set()
    for each in (other, stack):
        assert each.destroy().code == 0
    assert not stack.remaining()


def test_destroy_reaches_the_server_where_another_stack_has_started_it(stack: Stack, make_stack: MakeStack) -> None:
    small(stack, "first").deployed()
    other = small(make_stack(port=stack.port, name="other", home=stack.base / "home"), "second")
    other.deployed()
    stack.run(str(VENV_BIN / "flyte-local"), "stop", "--port", str(stack.port))
    moved(stack)
    stack.deployed()
    refreshed = other.refresh()
    assert refreshed.code == 0, refreshed.text
    destroyed = other.destroy()
    assert destroyed.code == 0, destroyed.text
    assert get(stack, "second/").status_code == 404
    assert get(stack, "first/").status_code == 200
    assert stack.destroy().code == 0
    assert not stack.remaining()


def test_a_server_that_was_started_elsewhere_by_hand_is_moved(stack: Stack) -> None:
    small(stack, "first").deployed()
    command = str(VENV_BIN / "flyte-local")
    stack.run(command, "stop", "--port", str(stack.port))
    port = free_port()
    stack.run(command, "start", "--port", str(port))
    preview = stack.preview()
    assert f"runs on port {port}, not on port {stack.port}" in preview.text
    assert stack.deployed().changed == {SERVER}
    assert get(stack, "first/").status_code == 200
    assert stack.destroy().code == 0
    assert not stack.remaining()


def test_the_preview_says_that_a_port_is_taken(stack: Stack) -> None:
    small(stack, "first")
    with contextlib.closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", stack.port))
        taken.listen()
        refused = stack.preview()
        assert refused.code != 0
        assert f"port {stack.port} is taken by" in refused.text
    assert stack.preview().code == 0
