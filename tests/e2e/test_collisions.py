"""A preview says what `up` would refuse: what somebody else manages, what does not exist, what is left out."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.e2e.harness import Stack
from tests.e2e.programs import SHOP

MakeStack = Callable[..., Stack]
PLACE = {"flyte:project": "shop", "flyte:domain": "development"}
PROGRAM = """\
from pulumi_flyte import App, Environment, Secret, Task
shop = Environment("shop")
key = Secret("key", environment=shop, value="v1")
nightly = {"cron": "0 2 * * *", "inputs": {"image": "cat.png"}}
resize = Task("resize", environment=shop, source="tasks.py:resize", triggers={"nightly": nightly})
App("web", environment=shop, source="backend.py:app", inputs={"resize": resize}, secrets={"KEY": key})
"""
FILES = {**{name: SHOP[name] for name in ("answer.py", "backend.py", "tasks.py")}, "__main__.py": PROGRAM}
TASK_URN, APP_URN = "**:Task::resize", "**:App::web"


def prepared(stack: Stack) -> Stack:
    stack.write(FILES)
    stack.init()
    stack.configure(PLACE)
    return stack


def test_two_stacks_in_one_place_are_told_apart_in_the_preview(stack: Stack, make_stack: MakeStack) -> None:
    prepared(stack).deployed()
    other = prepared(make_stack(port=stack.port, name="bob", home=stack.base / "home"))
    refused = other.preview()
    assert refused.code != 0
    assert "is managed by shop/dev/" in refused.text
    owned = ("the secret shop/development/key", "the task shop/development/images.resize")
    # The engine ends a preview at the first error; which of them comes first is a matter of timing.
    assert any(each in refused.text for each in owned), refused.text
    everything = other.up("--continue-on-error")
    assert all(each in everything.text for each in owned), everything.text
    first = refused.text.index("pulumi config set flyte:project shop-bob")
    assert "adopt=true" not in refused.text[:first]

    other.configure({"flyte:project": "shop-bob"})
    other.deployed()
    for each in (other, stack):
        assert each.destroy().code == 0
    assert not stack.remaining()


def test_a_rename_without_an_alias_is_refused_in_the_preview(stack: Stack) -> None:
    prepared(stack).deployed()
    stack.write({"__main__.py": PROGRAM.replace('Secret("key", ', 'Secret("key2", name="key", ')})
    refused = stack.preview()
    assert refused.code != 0
    assert (
        "the secret shop/development/key is managed by shop/dev/…::key, another resource of this stack" in refused.text
    )
    assert "name it in `aliases`" in refused.text
    assert stack.destroy().code == 0
    assert not stack.remaining()


@pytest.mark.parametrize("options", [("--target", APP_URN), ("--exclude", TASK_URN, "--exclude", "**:Trigger::*")])
def test_an_app_is_not_deployed_without_the_task_that_it_pins(stack: Stack, options: tuple[str, ...]) -> None:
    prepared(stack).deployed()
    stack.write({"tasks.py": SHOP["tasks.py"].replace("size: int = 3", "size: int = 4")})
    refused = stack.up(*options)
    assert refused.code != 0, refused.text
    for outcome in (stack.preview(*options), refused):
        assert "is wired to the task shop/development/images.resize@" in outcome.text
        assert "--target '**::resize'" in outcome.text
    stack.deployed()
    assert stack.destroy().code == 0
    assert not stack.remaining()


def test_a_misspelt_domain_is_an_error_in_the_preview(stack: Stack) -> None:
    prepared(stack)
    stack.configure({"flyte:domain": "stageing"})
    refused = stack.preview()
    assert refused.code != 0
    assert "there is no domain 'stageing': use one of development, staging, production" in refused.text


def test_a_refresh_says_once_that_nothing_answers(stack: Stack) -> None:
    prepared(stack).deployed()
    stack.run("flyte-local", "stop", "--port", str(stack.port))
    refused = stack.refresh("--skip-preview")
    assert refused.code != 0
    assert refused.text.split("Diagnostics:")[1].count(f"flyte-local start --port {stack.port}") == 1
    assert stack.destroy().code == 0
    assert not stack.remaining()
