"""A Secret registers one resource, and its value goes nowhere else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pulumi
import pytest
from pulumi_flyte import App, Environment, Secret, Task
from pulumi_flyte.testing import UNKNOWN, SecretValue

from tests.components.mocks.registrations import FLYTE, check_problems, problems_of, run

PLATFORMS = pytest.mark.parametrize("config", [{}, FLYTE], ids=["local", "flyte"])


@PLATFORMS
def test_a_value_is_registered_as_a_secret(config: Mapping[str, str]) -> None:
    def declare() -> None:
        environment = Environment("env", project="p", domain="staging", org="acme")
        Secret("plain", environment=environment, value="hunter2")
        Secret("later", environment=environment, value=pulumi.Output.from_input("hunter3"))

    program = run(declare, config)
    for name, value in (("plain", "hunter2"), ("later", "hunter3")):
        assert program[f"index:Secret {name}"].inputs["value"] == SecretValue(value)
        inputs = dict(program[f"api:Secret {name}"].inputs)
        place = {"name": name, "project": "p", "domain": "staging", "org": "acme"}
        assert inputs == {**place, "value": SecretValue(value)}


@PLATFORMS
def test_an_existing_secret_has_no_value(config: Mapping[str, str]) -> None:
    program = run(lambda: Secret("key", environment=Environment("env"), existing=True, name="stored-key"), config)
    place = {"project": "shop", "domain": "development"}
    assert program["api:Secret key"].inputs == {**place, "name": "stored-key", "existing": True}
    assert program["index:Secret key"].inputs["existing"] is True


def test_adopt_is_handed_on() -> None:
    program = run(lambda: Secret("key", environment=Environment("env"), value="v", adopt=True))
    assert program["api:Secret key"].inputs["adopt"] is True
    assert program["index:Secret key"].inputs["adopt"] is True


def test_a_secret_waits_for_the_server_that_keeps_it() -> None:
    program = run(lambda: Secret("key", environment=Environment("env"), value="v"), preview=True)
    assert program["api:Secret key"].depends_on == {"local:Server env"}
    assert program["api:Secret key"].inputs["instance"] == UNKNOWN


def test_the_version_is_the_plugins_and_rolls_the_apps_that_use_it() -> None:
    def declare() -> Mapping[str, pulumi.Input[Any]]:
        environment = Environment("env")
        key = Secret("key", environment=environment, value="v")
        web = App("web", environment=environment, image="web:1", secrets={"KEY": key})
        return {"secret": key.version, "app": web.version, "link": key.link}

    computed = {"api:Secret": {"version": "v1"}}
    first, second = run(declare, computed=computed), run(declare, computed={"api:Secret": {"version": "v2"}})
    assert first.outputs["secret"] == "v1"
    assert first["api:App web"].inputs["secretVersions"] == {"KEY": "v1"}
    assert second["api:App web"].inputs["secretVersions"] == {"KEY": "v2"}
    assert first.outputs["app"] == second.outputs["app"], "a secret's version is no part of the app's"
    assert first.outputs["link"] == {
        "kind": "secret",
        "name": "key",
        "version": "v1",
        "project": "shop",
        "domain": "development",
        "controlPlane": {"platform": "local", "endpoint": "http://127.0.0.1:8480", "org": "local"},
    }
    assert run(declare, preview=True).outputs["secret"] == UNKNOWN


def test_the_value_is_in_no_other_resource() -> None:
    def declare() -> None:
        environment = Environment("env")
        key = Secret("key", environment=environment, value="hunter2-hunter2")
        App("web", environment=environment, image="web:1", secrets={"KEY": key})
        Task(
            "job",
            environment=environment,
            image="job:1",
            command=["go"],
            interface={"inputs": {}},
            secrets={"KEY": key},
        )

    program = run(declare)
    holders = {str(each) for each in program.resources if "hunter2-hunter2" in each.in_clear}
    assert holders == {"index:Secret key", "api:Secret key"}


PROBLEMS: list[tuple[Mapping[str, Any], Mapping[str, str]]] = [
    ({}, {"value": "give either value="}),
    ({"value": "v", "existing": True}, {"value": "give either value="}),
    ({"value": 12}, {"value": "a string"}),
    ({"value": "v", "name": "a b"}, {"name": "letters, digits, '-' and '_' (got 'a b')"}),
    ({"value": "v", "name": 3}, {"name": "a plain string (got 3)"}),
    ({"valeu": "v", "value": "v"}, {"valeu": "did you mean 'value'?"}),
    ({"value": 12, "name": "a b"}, {"value": "a string", "name": "letters"}),
]


@PLATFORMS
@pytest.mark.parametrize(("arguments", "expected"), PROBLEMS)
def test_every_problem_is_reported_under_its_argument(
    config: Mapping[str, str], arguments: Mapping[str, Any], expected: Mapping[str, str]
) -> None:
    check_problems(problems_of(lambda: Secret("key", environment=Environment("env"), **arguments), config), expected)


def test_a_name_is_known_when_the_program_runs() -> None:
    def declare() -> None:
        name: Any = pulumi.Output.from_input("name")
        Secret("key", environment=Environment("env"), value="v", name=name)

    check_problems(problems_of(declare), {"name": "this is an Output, and a plain value is needed"})


@pytest.mark.parametrize(
    "arguments", [{"value": 987654321}, {"value": ["hunter2"]}, {"value": "hunter2", "name": "a b"}]
)
def test_no_message_shows_a_value(arguments: Mapping[str, Any]) -> None:
    text = "\n".join(problems_of(lambda: Secret("key", environment=Environment("env"), **arguments)))
    assert "987654321" not in text
    assert "hunter2" not in text


@pytest.mark.parametrize("environment", ["shop", 3, None, {"a": 1}])
def test_an_environment_is_needed(environment: Any) -> None:
    problems = problems_of(lambda: Secret("key", environment=environment, value="v"))
    assert len(problems) == 1
    assert problems[0].startswith("environment: ")
