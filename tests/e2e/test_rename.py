"""A renamed or moved stack keeps what is its own: its next update rewrites the marks of its objects."""

from __future__ import annotations

from collections.abc import Callable

import httpx

from tests.e2e.harness import Stack
from tests.e2e.programs import EVERYTHING, KEY, SHOP

MakeStack = Callable[..., Stack]
# What two stacks share only where they are told to.
PLACE = {"flyte:project": "shop", "flyte:domain": "development"}


def deployed(stack: Stack) -> Stack:
    stack.write(SHOP)
    stack.init()
    stack.configure(PLACE)
    stack.configure({"webhookApiKey": KEY}, secret=True)
    stack.deployed()
    return stack


def renamed(stack: Stack, name: str) -> None:
    stack.pulumi("stack", "rename", name, "--stack", stack.name, check=True)
    stack.name = name


def successor(stack: Stack, make_stack: MakeStack, name: str = "dev") -> Stack:
    """A new stack of the same project on the same server, with the same program."""
    other = make_stack(port=stack.port, name=name, home=stack.base / "home")
    other.write(SHOP)
    other.init()
    other.configure(PLACE)
    other.configure({"webhookApiKey": KEY}, secret=True)
    return other


def get(stack: Stack, path: str) -> httpx.Response:
    return httpx.get(f"http://127.0.0.1:{stack.port}/apps/shop/development/{path}", timeout=60)


def test_a_new_stack_of_the_old_name_takes_nothing_from_the_renamed_one(stack: Stack, make_stack: MakeStack) -> None:
    deployed(stack)
    renamed(stack, "prod")
    moved = stack.deployed()
    assert moved.changed == EVERYTHING
    assert set(moved.steps.values()) == {"update"}, "nothing is replaced"
    assert stack.deployed().changed == set(), "once is enough"
    assert stack.refresh().summary == {}

    other = successor(stack, make_stack)
    refused = other.up("--continue-on-error")
    assert refused.code != 0
    for name in ("shop/development/webhook-api-key", "shop/development/backend-api", "images.resize"):
        assert name in refused.text
    assert "shop/prod/" in refused.text
    assert other.destroy().code == 0

    assert stack.deployed().changed == set(), "the renamed stack did not notice"
    assert get(stack, "webhook/key").json() == {"length": len(KEY)}
    assert get(stack, "webhook/backend").json()["app"] == "backend"
    assert stack.destroy().code == 0
    assert not stack.remaining()


def test_a_renamed_stack_goes_back_to_code_of_before(stack: Stack) -> None:
    deployed(stack)
    renamed(stack, "prod")
    tasks = SHOP["tasks.py"]
    stack.write({"tasks.py": tasks.replace("size: int = 3", "size: int = 4")})
    stack.deployed()
    stack.write({"tasks.py": tasks})
    stack.deployed()
    assert "cat.png@3" in get(stack, "webhook/jobs").json()["outputs"]
    assert stack.destroy().code == 0
    assert not stack.remaining()


def test_a_renamed_stack_is_destroyed_without_an_update_before(stack: Stack) -> None:
    deployed(stack)
    renamed(stack, "prod")
    destroyed = stack.destroy()
    assert destroyed.code == 0, destroyed.text
    assert not stack.remaining(), "the registration of the old name went, too"


def test_a_renamed_resource_keeps_its_object(stack: Stack) -> None:
    deployed(stack)
    program = SHOP["__main__.py"]
    renames = {
        'Secret("webhook-api-key", ': 'Secret("api-key", name="webhook-api-key", opts=aliased("webhook-api-key"), ',
        'App("backend-api", ': 'App("backend", name="backend-api", opts=aliased("backend-api"), ',
    }
    for old, new in renames.items():
        assert old in program
        program = program.replace(old, new)
    helper = "\n\ndef aliased(name):\n    return pulumi.ResourceOptions(aliases=[pulumi.Alias(name=name)])\n\n"
    stack.write({"__main__.py": program.replace("\n\n", helper, 1)})
    moved = stack.deployed()
    assert {"flyte:api:Secret::api-key", "flyte:api:App::backend"} <= moved.changed
    assert set(moved.steps.values()) == {"update"}
    assert stack.deployed().changed == set()
    assert stack.destroy().code == 0
    assert not stack.remaining()


SECRET_ONLY = """\
from pulumi_flyte import Environment, Secret
Secret("key", environment=Environment("shop"), value="v1")
"""


def test_what_was_moved_to_another_stack_is_that_stacks(stack: Stack, make_stack: MakeStack) -> None:
    stack.write({"__main__.py": SECRET_ONLY})
    stack.init()
    stack.configure(PLACE)
    stack.deployed()
    other = make_stack(port=stack.port, name="other", home=stack.base / "home", backend=stack.base / "backend")
    other.write({"__main__.py": SECRET_ONLY})
    other.init()
    other.configure(PLACE)
    urn = next(item["urn"] for item in stack.export()["deployment"]["resources"] if item["type"] == "flyte:api:Secret")
    source, destination = (f"organization/shop/{each.name}" for each in (stack, other))
    moved = stack.pulumi("state", "move", "--source", source, "--dest", destination, "--yes", "--include-parents", urn)
    assert moved.code == 0, moved.text
    updated = other.deployed()
    assert updated.steps[urn.replace(":dev::", ":other::")] == "update"

    refused = stack.up()
    assert refused.code != 0
    assert "the secret shop/development/key" in refused.text
    assert other.deployed().changed == set()
    assert other.destroy().code == 0
    assert stack.destroy().code == 0
    assert not stack.remaining()
