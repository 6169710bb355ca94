"""A user's unit tests of a program: what it declares, in one call and by plain assertions."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import pulumi
import pytest
from pulumi_flyte import App, ArgumentsError, Environment, Secret, Task, TaskInterfaceDict
from pulumi_flyte.errors import SourceError
from pulumi_flyte.testing import UNKNOWN, NotDeclaredError, SecretValue, run_program

EXAMPLES = Path(__file__).resolve().parents[3] / "examples"
INTERFACE: TaskInterfaceDict = {"inputs": {"text": "str"}}
PROGRAM = """
import pulumi
import settings
from pulumi_flyte import App, Environment, Secret

config = pulumi.Config()
shop = Environment("shop")
key = Secret("api-key", environment=shop, value=config.require_secret("apiKey"))
web = App("web", environment=shop, image="web:1", name=settings.NAME, secrets={"API_KEY": key})
pulumi.export("url", web.endpoint)
pulumi.export("version", web.version)
pulumi.export("key", config.require_secret("apiKey"))
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "Pulumi.yaml").write_text("name: shop\nruntime: python\nconfig:\n  flyte:localPort: 8600\n")
    (tmp_path / "__main__.py").write_text(PROGRAM)
    (tmp_path / "settings.py").write_text('NAME = "web"\n')
    return tmp_path


def test_a_program_of_a_folder_is_run_with_the_project_and_the_defaults_of_its_pulumi_yaml(folder: Path) -> None:
    stack = run_program(folder, secrets={"apiKey": "hunter2"})
    assert stack.project == "shop"
    assert stack.exports["url"] == "http://127.0.0.1:8600/apps/shop/development/web"
    assert stack.app("web")["endpoint"] == stack.exports["url"]
    assert stack.app("web")["secrets.API_KEY.name"] == "api-key"
    assert stack.resource("flyte:api:App", "web")["secrets[0].envVar"] == "API_KEY"
    assert [str(each) for each in stack.below(stack.app("web"))] == ["flyte:api:App 'web'"]


def test_a_secret_is_shown_by_an_explicit_call_only(folder: Path) -> None:
    stack = run_program(folder, secrets={"apiKey": "hunter2"})
    value = stack.secret("api-key")["value"]
    assert isinstance(value, SecretValue)
    assert value.reveal() == "hunter2"
    assert "hunter2" not in repr(stack)
    assert "hunter2" not in str(stack.exports)


def test_nothing_is_left_of_a_run(folder: Path) -> None:
    before = sorted(folder.rglob("*"))
    cwd, path, environment = os.getcwd(), list(sys.path), dict(os.environ)
    monitor = pulumi.runtime.settings.get_monitor()  # other tests of this process may have left one
    run_program(folder, secrets={"apiKey": "v"})
    assert "settings" not in sys.modules
    assert (os.getcwd(), sys.path, dict(os.environ)) == (cwd, path, environment)
    assert sorted(folder.rglob("*")) == before
    assert pulumi.runtime.settings.get_monitor() is monitor


def test_programs_are_run_one_after_the_other(folder: Path) -> None:
    first = run_program(folder, secrets={"apiKey": "one"})
    (folder / "settings.py").write_text('NAME = "renamed"\n')
    second = run_program(folder, secrets={"apiKey": "two"}, stack="staging")
    assert first.app("web")["link.name"] == "web"
    assert (second.app("web")["link.name"], second.app("web")["link.domain"]) == ("renamed", "staging")
    assert first.secret("api-key")["version"] != second.secret("api-key")["version"], "another value, another version"
    third = run_program(lambda: {"project": pulumi.get_project()}, project="other")
    assert (third.resources, third.exports) == ((), {"project": "other"})


def test_the_problems_of_a_component_are_one_exception() -> None:
    def declare() -> None:
        App("web", environment=Environment("shop"), image="web:1", port=99999, name="Web")

    with pytest.raises(ArgumentsError) as refused:
        run_program(declare)
    assert [problem.path for problem in refused.value.problems] == ["port", "name"]


def test_a_failure_in_an_output_is_raised() -> None:
    def declare() -> None:
        environment = Environment("shop")
        App("web", environment=environment, image="web:1", inputs={"x": pulumi.Output.from_input(7)})  # type: ignore[dict-item]

    with pytest.raises(ArgumentsError, match=r"inputs\.x"):
        run_program(declare)


def test_a_preview_leaves_unknown_what_the_platform_knows() -> None:
    def declare() -> dict[str, pulumi.Output[str]]:
        key = Secret("key", environment=Environment("shop"), value="v")
        return {"version": key.version}

    assert run_program(declare, preview=True).exports["version"] is UNKNOWN
    assert isinstance(run_program(declare).exports["version"], str)


def test_a_caller_of_an_app_with_credentials_has_a_known_version() -> None:
    def declare() -> dict[str, pulumi.Output[str]]:
        environment = Environment("shop")
        back = App("back", environment=environment, image="back:1", requires_auth=True)
        front = Task("front", environment=environment, image="f:1", command=["go"], interface=INTERFACE,
                     inputs={"back": back})  # fmt: skip
        return {"back": back.version, "front": front.version}

    stack = run_program(declare)
    assert all(isinstance(value, str) for value in stack.exports.values())
    assert stack.app("back")["requiresAuth"] is True
    assert stack.task("front")["inputs.back.name"] == "back"


def test_another_stacks_outputs_are_those_that_the_test_gives() -> None:
    def declare() -> None:
        other = pulumi.StackReference("acme/backend/prod")
        inputs = {"api": other.require_output("api")}
        App("web", environment=Environment("shop"), image="web:1", inputs=inputs)

    link = {"kind": "app", "project": "p", "domain": "development", "name": "api", "url": "http://api.example.com"}
    stack = run_program(declare, stacks={"acme/backend/prod": {"api": link}})
    assert stack.resource("flyte:api:App", "web")["env.API"] == "http://api.example.com"
    with pytest.raises(Exception, match=r"run_program\(…, stacks=\{'acme/backend/prod'"):
        run_program(declare)


def test_warnings_and_other_providers_outputs_are_there() -> None:
    class Bucket(pulumi.CustomResource):
        arn: pulumi.Output[str]

        def __init__(self, name: str) -> None:
            super().__init__("aws:s3:Bucket", name, {"arn": None}, pulumi.ResourceOptions(protect=True))

    def declare() -> dict[str, pulumi.Output[str]]:
        pulumi.log.warn("careful")
        return {"arn": Bucket("data").arn}

    stack = run_program(declare, outputs={"aws:s3:Bucket": {"arn": "arn:aws:s3:::data"}})
    assert stack.warnings == ("careful",)
    assert stack.exports == {"arn": "arn:aws:s3:::data"}
    assert stack.of_type("aws:s3:Bucket")[0].protect


async def test_a_coroutine_may_run_a_program() -> None:
    await asyncio.sleep(0)
    assert run_program(lambda: {"a": "b"}).exports == {"a": "b"}


def test_a_wrong_name_or_path_says_what_there_is(folder: Path) -> None:
    stack = run_program(folder, secrets={"apiKey": "v"})
    with pytest.raises(NotDeclaredError, match="no flyte:index:App 'wbe': did you mean 'web'"):
        stack.app("wbe")
    with pytest.raises(NotDeclaredError, match=r"declares no flyte:index:Task; it declares .*flyte:index:App"):
        stack.task("web")
    with pytest.raises(KeyError, match="did you mean 'endpoint'"):
        stack.app("web")["endpiont"]
    with pytest.raises(FileNotFoundError, match="there is no program 'nowhere'"):
        run_program("nowhere")


def test_the_unit_test_of_an_example_passes() -> None:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_program.py"]
    folder = EXAMPLES / "app-to-app"
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=240, check=False)
    assert "3 passed" in done.stdout, done.stdout + done.stderr


def test_the_exports_of_one_run_are_those_that_another_one_reads() -> None:
    def consume() -> dict[str, pulumi.Output[str]]:
        other = pulumi.StackReference("acme/backend/prod")
        return {name: other.require_output(name) for name in ("password", "nested", "plain")}

    exports = {"password": SecretValue("hidden"), "nested": [{"a": SecretValue("hidden")}], "plain": 1}
    stack = run_program(consume, stacks={"acme/backend/prod": exports})
    assert stack.exports["password"] == SecretValue("hidden")
    assert "hidden" not in repr(stack)
    assert stack.exports["nested"] == SecretValue([{"a": "hidden"}])
    assert stack.exports["plain"] == 1
    backend = run_program(lambda: {"password": pulumi.Output.secret("hidden"), "nested": [1], "plain": 1})
    again = run_program(consume, stacks={"acme/backend/prod": backend.exports})
    assert again.exports == {"password": SecretValue("hidden"), "nested": [1], "plain": 1}
    with pytest.raises(TypeError, match=r"stacks\['acme/backend/prod'\]\['plain'\] is UNKNOWN"):
        run_program(consume, stacks={"acme/backend/prod": {"plain": UNKNOWN}})


def test_a_program_that_is_a_coroutine_is_awaited() -> None:
    async def declare() -> dict[str, str]:
        await asyncio.sleep(0)
        Environment("shop")
        return {"name": "shop"}

    stack = run_program(declare)
    assert stack.environment("shop")
    assert stack.exports["name"] == "shop"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"config": {"replicas": 3}}, r"config=\{'replicas': …\}\): a text, not a int"),
        ({"secrets": {"key": ["hidden"]}}, r"secrets=\{'key': …\}\): a text, not a list"),
        ({"config": ["replicas"]}, "config=…"),
        ({"stacks": ["a/b/c"]}, "stacks=…"),
        ({"stacks": {"a/b/c": None}}, r"stacks=\{'a/b/c': …\}\): a mapping, not a NoneType"),
        ({"outputs": 3}, "outputs=…"),
        ({"calls": {"aws:index:getZones": ["a"]}}, r"calls=\{'aws:index:getZones': …\}"),
    ],
)
def test_an_argument_of_another_type_is_named_without_its_value(arguments: dict[str, object], message: str) -> None:
    with pytest.raises(TypeError, match=message) as refused:
        run_program(lambda: None, **arguments)  # type: ignore[arg-type]
    assert "hidden" not in str(refused.value)


@pytest.mark.parametrize("text", ["name: [", "- a", "3"])
def test_a_broken_project_file_is_named(tmp_path: Path, text: str) -> None:
    (tmp_path / "Pulumi.yaml").write_text(text)
    (tmp_path / "__main__.py").touch()
    with pytest.raises(SourceError, match=r"Pulumi\.yaml is not "):
        run_program(tmp_path)


def test_an_output_of_another_run_is_no_value() -> None:
    outputs: list[pulumi.Output[str]] = []
    run_program(lambda: outputs.append(pulumi.Output.secret("hidden")))
    with pytest.raises(TypeError, match=r"stacks\['a/b/c'\]\['key'\] is an Output.*SecretValue"):
        run_program(lambda: None, stacks={"a/b/c": {"key": outputs[0]}})
