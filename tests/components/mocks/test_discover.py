"""`discover` declares the same resources for existing Flyte code as hand-written components."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pulumi
import pytest
from pulumi_flyte import App, Environment, Secret, Task, WorkloadInput, discover
from pulumi_flyte.errors import CycleError, FlyteError, SourceError
from pulumi_flyte.testing import SecretValue

from tests.components.mocks.registrations import FLYTE, Program, check_problems, error_of, problems_in, run

PLATFORMS = pytest.mark.parametrize("config", [{}, FLYTE], ids=["local", "flyte"])
SHOP = """
import flyte
from fastapi import FastAPI
from flyte.app.extras import FastAPIAppEnvironment

key = flyte.Secret(key="api-key", as_env_var="API_KEY")
words = flyte.TaskEnvironment(name="words", image="registry.example.com/words:1", secrets=[key])

@words.task(triggers=flyte.Trigger(name="nightly", automation=flyte.Cron("0 2 * * *"), inputs={"text": "cat"}))
def count(text: str) -> int:
    return len(text)

@words.task
def split(text: str) -> list[str]:
    return text.split()

back = FastAPIAppEnvironment(name="back", app=FastAPI(), image="registry.example.com/back:1", depends_on=[words])
web = FastAPIAppEnvironment(
    name="web", app=FastAPI(), image="registry.example.com/web:1", secrets=[key], depends_on=[back]
)
"""
CYCLE = """
import flyte
from fastapi import FastAPI
from flyte.app.extras import FastAPIAppEnvironment

a = FastAPIAppEnvironment(name="a", app=FastAPI(), image="a:1")
b = FastAPIAppEnvironment(name="b", app=FastAPI(), image="b:1", depends_on=[a])
a.depends_on = [b]
"""
WORKLOADS = {"api:Task words.count", "api:Task words.split", "api:App back", "api:App web"}


@pytest.fixture(scope="module")
def program_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One folder for all tests, so that the code is read once for each environment that it sees."""
    folder = tmp_path_factory.mktemp("program")
    (folder / "shop.py").write_text(SHOP)
    (folder / "cycle.py").write_text(CYCLE)
    return folder


def discovered(config: Mapping[str, str] | None = None, /, **arguments: Any) -> Program:
    return run(lambda: discover("shop.py", environment=Environment("env", project="p"), **arguments), config)


@PLATFORMS
def test_everything_that_the_code_defines_is_declared(config: Mapping[str, str]) -> None:
    program = discovered(config)
    api = {name for name in program.names if name.startswith("api:")}
    assert api == {*WORKLOADS, "api:Secret api-key", "api:Trigger words.count-nightly"}
    assert program["api:Secret api-key"].inputs["existing"] is True
    assert program["api:App web"].inputs["secrets"] == [{"key": "api-key", "envVar": "API_KEY"}]
    assert program["api:App web"].inputs["image"].startswith("registry.example.com/web:1" if config else "")


@PLATFORMS
def test_the_order_is_that_of_depends_on(config: Mapping[str, str]) -> None:
    program = discovered(config)
    assert program.awaited_by("api:App back") == {"api:Task words.count", "api:Task words.split"}
    assert program.awaited_by("api:App web") == {"api:App back", "api:Secret api-key"}
    assert program.awaited_by("api:Task words.count") == {"api:Secret api-key"}


@PLATFORMS
def test_a_hand_written_program_declares_the_same(config: Mapping[str, str]) -> None:
    def by_hand() -> None:
        environment = Environment("env", project="p")
        key = Secret("api-key", environment=environment, existing=True)
        secrets = {"API_KEY": key}
        tasks = [
            Task(f"words.{name}", environment=environment, source=f"shop.py:{name}", secrets=secrets)
            for name in ("count", "split")
        ]
        App(
            "back",
            environment=environment,
            source="shop.py:back",
            opts=pulumi.ResourceOptions(depends_on=[task.resource for task in tasks]),
        )
        App("web", environment=environment, source="shop.py:web", secrets=secrets)

    written, program = run(by_hand, config), discovered(config)
    assert written.names == program.names
    for name in (*WORKLOADS, *(name.replace("api:", "index:") for name in WORKLOADS)):
        assert written[name].inputs == program[name].inputs
    assert program["index:App web"].inputs["source"] == "shop.py:web"
    for name in WORKLOADS:
        assert written.awaited_by(name) == program.awaited_by(name)


def test_what_is_discovered_is_a_reference() -> None:
    def declare() -> Mapping[str, pulumi.Input[Any]]:
        environment = Environment("env", project="p")
        code = discover("shop.py", environment=environment)
        inputs: dict[str, WorkloadInput] = {"back": code.apps["back"], "count": code.tasks["words.count"]}
        App("front", environment=environment, image="f:1", inputs=inputs, secrets={"K": code.secrets["api-key"]})
        assert (sorted(code.apps), sorted(code.tasks)) == (["back", "web"], ["words.count", "words.split"])
        with pytest.raises(
            FlyteError, match=r"discover has declared nothing with the name 'bakc': did you mean 'back'\?"
        ):
            code.apps["bakc"]
        return {"endpoint": code.apps["web"].endpoint}

    program = run(declare)
    assert program.outputs == {"endpoint": "http://127.0.0.1:8480/apps/p/development/web"}
    assert program.awaited_by("api:App front") == {"api:App back", "api:Task words.count", "api:Secret api-key"}


def test_a_value_or_a_secret_takes_the_place_of_an_existing_one() -> None:
    inputs = discovered(secrets={"api-key": "hunter2"})["api:Secret api-key"].inputs
    assert inputs["value"] == SecretValue("hunter2")
    assert "existing" not in inputs

    def declare() -> None:
        environment = Environment("env", project="p")
        mine = Secret("mine", environment=environment, name="api-key", value="v")
        discover("shop.py", environment=environment, secrets={"api-key": mine})

    program = run(declare)
    assert [name for name in program.names if name.startswith("api:Secret")] == ["api:Secret mine"]
    assert "api:Secret mine" in program.awaited_by("api:App web")


def test_overrides_win_over_the_code() -> None:
    overrides = {
        "web": {"scaling": {"replicas": (1, 3)}, "env": {"A": "1"}, "requires_auth": True, "image": "own:1"},
        "words": {"retries": 7},
        "words.count": {"retries": 3, "opts": pulumi.ResourceOptions(retain_on_delete=True)},
    }
    program = discovered(overrides=overrides)
    web = program["api:App web"].inputs
    assert (web["scaling"], web["env"]["A"]) == ({"minReplicas": 1, "maxReplicas": 3}, "1")
    assert program["api:AuthKey web"].inputs == {"audience": "p/development/web"}
    retries = {
        name: program[f"api:Task words.{name}"].inputs["template"]["taskTemplate"]["metadata"]["retries"]
        for name in ("count", "split")
    }
    assert retries == {"count": {"retries": 3}, "split": {"retries": 7}}


@PLATFORMS
def test_all_of_a_former_deployment_is_taken_over(config: Mapping[str, str]) -> None:
    program = discovered(config, adopt=True, secrets={"api-key": "v"}, overrides={"back": {"adopt": False}})
    adopted = {name for name in program.names if program[name].inputs.get("adopt") and name.startswith("api:")}
    assert adopted == {*WORKLOADS - {"api:App back"}, "api:Secret api-key", "api:Trigger words.count-nightly"}
    assert not any(discovered(config)[name].inputs.get("adopt") for name in WORKLOADS)


def test_a_prefix_is_of_pulumi_names_only() -> None:
    program = discovered(prefix="blue-")
    assert "api:App blue-web" in program.names
    assert program["api:App blue-web"].inputs["name"] == "web"
    assert program["api:Secret blue-api-key"].inputs["name"] == "api-key"


def test_a_part_of_a_file_brings_what_it_depends_on() -> None:
    program = run(lambda: discover("shop.py:back", environment=Environment("env")))
    workloads = {name for name in program.names if name.split()[0] in ("api:App", "api:Task")}
    assert workloads == {"api:App back", "api:Task words.count", "api:Task words.split"}


def test_a_resource_of_all_goes_to_the_environments_provider() -> None:
    program = run(lambda: discover("shop.py", environment=Environment("env", local_port=9000)))
    assert {each.provider for each in program.resources if each.type.startswith("api:")} == {
        "pulumi:providers:flyte env-provider"
    }


PROBLEMS: list[tuple[Mapping[str, Any], Mapping[str, str]]] = [
    ({"source": 3}, {"source": 'a string: "file.py"'}),
    ({"prefix": 3}, {"prefix": "a string with which the Pulumi names begin"}),
    ({"adopt": "yes"}, {"adopt": "True or False"}),
    ({"environment": "shop"}, {"environment": "required"}),
    ({"secrets": {"api-kye": "v"}}, {"secrets.api-kye": "'api-key'"}),
    ({"secrets": ["v"]}, {"secrets": ""}),
    ({"overrides": {"wbe": {}}}, {"overrides.wbe": "'web'"}),
    ({"overrides": {"web": 3}}, {"overrides.web": ""}),
    ({"overrides": {"web": {"scaling": {"replica": 1}}}}, {"web.scaling.replica": "did you mean 'replicas'?"}),
    (
        {"overrides": {"web": {"port": "x"}, "back": {"health": "x"}, "words.count": {"retries": -1}}},
        {"web.port": "expected a number", "back.health.path": "starts with '/'", "words.count.retries": "0 and 100"},
    ),
]


@pytest.mark.parametrize(("arguments", "expected"), PROBLEMS)
def test_every_problem_is_reported_under_its_path(arguments: Mapping[str, Any], expected: Mapping[str, str]) -> None:
    def declare() -> None:
        discover(**{"source": "shop.py", "environment": Environment("env"), **arguments})

    check_problems(problems_in(error_of(declare)), expected)


def test_code_that_cannot_be_read_is_an_error_of_its_own() -> None:
    def declare() -> None:
        environment = Environment("env")
        with pytest.raises(SourceError, match=r"missing\.py"):
            discover("missing.py", environment=environment)
        with pytest.raises(CycleError, match=r"these environments depend on each other: .*a.*b"):
            discover("cycle.py", environment=environment)

    program = run(declare)
    assert not [name for name in program.names if name.startswith("api:")]
