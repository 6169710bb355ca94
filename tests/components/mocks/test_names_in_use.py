"""Two components of one Pulumi name: a message that names both and the way out, and `prefix` for `discover`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pulumi
import pytest
from pulumi_flyte import App, Environment, Secret, Task, discover
from pulumi_flyte.errors import ArgumentsError

from tests.components.mocks.registrations import error_of, run

SHOP = """
import flyte
from fastapi import FastAPI
from flyte.app.extras import FastAPIAppEnvironment

key = flyte.Secret(key="api-key", as_env_var="API_KEY")
web = FastAPIAppEnvironment(name="web", app=FastAPI(), image="web:1", secrets=[key])
words = flyte.TaskEnvironment(name="words", image="words:1")

@words.task
def count(text: str = "") -> int:
    return len(text)
"""


@pytest.fixture(scope="module")
def program_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("program")
    (folder / "shop.py").write_text(SHOP)
    return folder


def places() -> tuple[Environment, Environment]:
    return Environment("one", project="one"), Environment("two", project="two")


@pytest.mark.parametrize(
    ("declare", "kind", "hint"),
    [
        (lambda env: App("web", environment=env, image="web:1"), "App", "name= to keep its Flyte name"),
        (lambda env: Task("count", environment=env, source="shop.py:count"), "Task", "name= to keep its Flyte name"),
        (lambda env: Secret("key", environment=env, value="v"), "Secret", "name= to keep its key"),
        (lambda env: Environment("one", project="three"), "Environment", 'such as Environment("one-2", …)'),
    ],
)
def test_a_pulumi_name_that_is_taken_is_an_error_that_names_both_places(
    declare: Callable[[Environment], object], kind: str, hint: str
) -> None:
    error = error_of(lambda: [declare(place) for place in places()])
    assert f"this program declares the {kind} " in error
    assert "in one/development on local at http://127.0.0.1:8480 and in " in error
    assert hint in error
    assert "Duplicate resource URN" not in error


@pytest.mark.parametrize(
    ("component", "arguments", "wrong"),
    [
        (App, {"image": "web:1"}, {"name": "A B"}),
        (Task, {"source": "shop.py:count"}, {"retries": -1}),
        (Secret, {"value": "v"}, {"name": "A B"}),
        (Environment, {}, {"platform": "x"}),
    ],
)
def test_a_component_that_was_refused_takes_no_name(component: Any, arguments: Any, wrong: Any) -> None:
    def declare() -> None:
        one, _ = places()
        place = {} if component is Environment else {"environment": one}
        with pytest.raises(ArgumentsError):
            component("other", **place, **{**arguments, **wrong})
        component("other", **place, **arguments)

    assert f"index:{component.__name__} other" in run(declare).names


def test_a_name_that_is_declared_twice_in_one_place_says_so() -> None:
    def declare() -> None:
        one, _ = places()
        for _ in range(2):
            App("web", environment=one, image="web:1")

    expected = "twice, both in one/development on local at http://127.0.0.1:8480, and Pulumi needs"
    assert expected in error_of(declare)


def test_components_with_parents_are_left_to_the_engine() -> None:
    def declare() -> None:
        for number, place in enumerate(places()):
            parent = pulumi.ComponentResource("team:index:Shop", f"shop-{number}")
            App("web", environment=place, image="web:1", opts=pulumi.ResourceOptions(parent=parent))

    parents = {each.parent for each in run(declare).resources if each.type == "index:App"}
    assert parents == {"team:index:Shop shop-0", "team:index:Shop shop-1"}


def test_a_second_discover_names_all_that_is_taken_and_the_prefix() -> None:
    error = error_of(lambda: [discover("shop.py", environment=place) for place in places()])
    for text in ("App 'web'", "Task 'words.count'", "Secret 'api-key'", "for two/development", 'prefix="two-"'):
        assert text in error
    assert "discover 'shop.py' has 1 problem" in error


def test_a_second_discover_of_the_same_place_says_to_make_it_one() -> None:
    error = error_of(lambda: [discover("shop.py", environment=place) for place in places()[:1] * 2])
    assert "pass all files to one call of discover" in error


def test_with_a_prefix_only_the_pulumi_names_differ() -> None:
    def declare() -> None:
        one, two = places()
        first = discover("shop.py", environment=one)
        second = discover("shop.py", environment=two, prefix="two-", secrets={"api-key": "v"})
        assert set(first.apps) == set(second.apps) == {"web"}
        assert set(first.tasks) == set(second.tasks) == {"words.count"}

    program = run(declare)
    for kind, name in (("App", "web"), ("Task", "words.count"), ("Secret", "api-key")):
        assert program[f"api:{kind} {name}"].inputs["name"] == name
        assert program[f"api:{kind} two-{name}"].inputs["name"] == name


def test_an_output_in_a_prefix_is_named() -> None:
    def in_a_text() -> None:
        prefix = f"{pulumi.Output.from_input('x')}-"
        discover("shop.py", environment=places()[0], prefix=prefix)

    def by_itself() -> None:
        output: Any = pulumi.Output.from_input("x")
        discover(output, environment=places()[0], prefix=output)

    error = error_of(in_a_text)
    assert "discover 'shop.py' has 1 problem:\n  - prefix: an f-string or str() contains an Output" in error
    for path in ("source", "prefix"):
        assert f"  - {path}: this is an Output, and a plain value is needed" in error_of(by_itself)


def test_a_prefix_is_a_text() -> None:
    wrong: Any = 2
    error = error_of(lambda: discover("shop.py", environment=places()[0], prefix=wrong))
    assert "prefix: expected a string with which the Pulumi names begin" in error
