"""A Task registers resources for its arguments, and refuses wrong ones. Triggers are in test_triggers.py."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pulumi
import pytest
from pulumi_flyte import Environment, Task
from pulumi_flyte.testing import UNKNOWN

from tests.components.mocks.registrations import FLYTE, check_problems, problems_of, run

PLATFORMS = pytest.mark.parametrize("config", [{}, FLYTE], ids=["local", "flyte"])
CONTAINER: dict[str, Any] = {
    "image": "job:1",
    "command": ["go", "--fast"],
    "interface": {"inputs": {"text": "str", "times": "int"}, "outputs": {"count": "int"}},
}
WORDS = """
import flyte

words = flyte.TaskEnvironment(name="words", image="registry.example.com/words:1", env_vars={"MODE": "code"})

@words.task(retries=2, timeout=60, cache="auto")
def count(text: str, times: int = 2) -> int:
    return len(text) * times
"""


def task_of(config: Mapping[str, str] | None = None, /, **arguments: Any) -> dict[str, Any]:
    """Return the properties of the `flyte:api:Task` that a Task with these arguments declares."""
    options = {**({} if "source" in arguments else CONTAINER), **arguments}
    program = run(lambda: Task("job", environment=Environment("env", project="p"), **options), config)
    return dict(program["api:Task job"].inputs)


@PLATFORMS
def test_a_container_reads_its_inputs_from_files(config: Mapping[str, str]) -> None:
    task = task_of(config)
    assert (task["name"], task["project"], task["domain"], task["image"]) == ("job", "p", "development", "job:1")
    assert task["command"] == ["go", "--fast"]
    assert len(task["version"]) == 16
    template = task["template"]["taskTemplate"]
    assert template["type"] == "raw-container"
    assert template["container"]["dataConfig"]["inputPath"] == "/var/inputs"
    types = {each["key"]: each["value"]["type"] for each in template["interface"]["inputs"]["variables"]}
    assert types == {"text": {"simple": "STRING"}, "times": {"simple": "INTEGER"}}
    outputs = {each["key"]: each["value"]["type"] for each in template["interface"]["outputs"]["variables"]}
    assert outputs == {"count": {"simple": "INTEGER"}}


@pytest.mark.parametrize(
    ("config", "console"), [({}, "http://127.0.0.1:8480"), (FLYTE, "https://flyte.example.com")], ids=["local", "flyte"]
)
def test_name_version_and_console_are_known_in_a_preview(config: Mapping[str, str], console: str) -> None:
    def declare() -> Mapping[str, pulumi.Input[Any]]:
        task = Task("job", environment=Environment("env", project="p"), name="other.job", **CONTAINER)
        return {"name": task.name, "version": task.version, "console": task.console_url, "link": task.link}

    outputs = run(declare, config, preview=True).outputs
    assert outputs["name"] == "other.job"
    assert outputs["console"] == f"{console}/v2/domain/development/project/p/tasks/other.job"
    assert outputs["link"]["version"] == outputs["version"] != UNKNOWN
    assert (outputs["link"]["kind"], outputs["link"]["name"]) == ("task", "other.job")
    assert outputs == run(declare, config).outputs


METADATA: list[tuple[Mapping[str, Any], Mapping[str, Any]]] = [
    ({"retries": 3}, {"retries": {"retries": 3}}),
    ({"retries": 3.0}, {"retries": {"retries": 3}}),
    ({"timeout": 90}, {"timeout": "90s"}),
    ({"timeout": 1.5}, {"timeout": "1.5s"}),
    ({"timeout": timedelta(minutes=2)}, {"timeout": "120s"}),
    ({"cache": True}, {"discoverable": True}),
    ({"cache": False}, {"discoverable": False}),
    ({"cache": "v2"}, {"discoverable": True, "discoveryVersion": "v2"}),
]


@PLATFORMS
@pytest.mark.parametrize(("arguments", "expected"), METADATA)
def test_how_it_runs_is_in_its_metadata(
    config: Mapping[str, str], arguments: Mapping[str, Any], expected: Mapping[str, Any]
) -> None:
    metadata = task_of(config, **arguments)["template"]["taskTemplate"]["metadata"]
    assert {key: metadata.get(key) for key in expected} == expected


ARGUMENTS: list[tuple[Mapping[str, Any], Mapping[str, Any]]] = [
    ({"resources": {"cpu": 2, "memory": ("1Gi", "2Gi")}}, {"requests": {"cpu": "2", "memory": "1Gi"}}),
    ({"resources": {"gpu": "A100 80G:2"}}, {"accelerator": {"device": "A100 80G"}}),
]


@pytest.mark.parametrize(("arguments", "expected"), ARGUMENTS)
def test_resources(arguments: Mapping[str, Any], expected: Mapping[str, Any]) -> None:
    resources = task_of(**arguments)["resources"]
    assert {key: resources.get(key) for key in expected} == expected


def test_env_description_and_adopt() -> None:
    task = task_of(env={"A": "1"}, description="Counts.", adopt=True)
    assert task["env"]["A"] == "1"
    assert task["template"]["documentation"] == {"shortDescription": "Counts."}
    assert task["adopt"] is True


def test_the_environments_defaults_reach_a_task() -> None:
    def declare() -> None:
        environment = Environment(
            "env",
            image="default:1",
            env={"A": "1"},
            resources={"cpu": 1},
            service_account="runner",
        )
        interface: Any = {"inputs": {}}
        Task("job", environment=environment, image="default:1", command=["go"], interface=interface)

    task = run(declare, FLYTE)["api:Task job"].inputs
    assert (task["image"], task["env"]["A"], task["resources"]) == ("default:1", "1", {"requests": {"cpu": "1"}})
    assert task["template"]["taskTemplate"]["securityContext"] == {"runAs": {"k8sServiceAccount": "runner"}}


def test_a_flyte_task_keeps_what_its_code_says_under_the_arguments(program_folder: Path) -> None:
    (program_folder / "words.py").write_text(WORDS)

    def declare() -> None:
        environment = Environment("env", env={"MODE": "environment", "B": "environment"})
        Task("count", environment=environment, source="words.py:count")
        own: dict[str, Any] = {"retries": 5, "timeout": 5, "cache": False, "env": {"MODE": "argument"}}
        Task("own", environment=environment, source="words.py:count", image="own:1", **own)

    program = run(declare, FLYTE)
    code, own = program["api:Task count"].inputs, program["api:Task own"].inputs
    assert code["name"] == own["name"] == "words.count"
    assert (code["image"], own["image"]) == ("registry.example.com/words:1", "own:1")
    assert (code["env"]["MODE"], own["env"]["MODE"], code["env"]["B"]) == ("code", "argument", "environment")
    metadata = [each["template"]["taskTemplate"]["metadata"] for each in (code, own)]
    assert [each["retries"] for each in metadata] == [{"retries": 2}, {"retries": 5}]
    assert [each["timeout"] for each in metadata] == ["60s", "5s"]
    assert [bool(each.get("discoverable")) for each in metadata] == [True, False]
    assert len(code["bundle"]) >= 16
    assert code["version"] != own["version"]


PROBLEMS: list[tuple[Mapping[str, Any], Mapping[str, str]]] = [
    ({"trigger": {"n": "0 2 * * *"}}, {"trigger": "did you mean 'triggers'?"}),
    ({"command": None}, {"source": 'pass source="file.py:function", or image=, command= and interface='}),
    ({"interface": None}, {"source": "nothing to run is declared"}),
    ({"source": 3, "command": None, "interface": None}, {"source": 'a string "file.py:attribute"'}),
    (
        {"source": "missing.py:go"},
        {"source": "there is no file", "command": "a source has its own", "interface": "a source has its own"},
    ),
    ({"command": "go --fast"}, {"command": "a list of strings, one per word"}),
    ({"interface": {"inputs": {"text": "strange"}}}, {"interface.inputs.text": ""}),
    ({"name": "a b"}, {"name": "letters, digits, '_', '-' and inner dots"}),
    ({"name": 3}, {"name": "a plain string"}),
    ({"retries": -1}, {"retries": "between 0 and 100"}),
    ({"retries": "3"}, {"retries": "between 0 and 100"}),
    ({"retries": True}, {"retries": "between 0 and 100"}),
    ({"timeout": "5m"}, {"timeout": "a positive number of seconds"}),
    ({"timeout": 0}, {"timeout": "a positive number of seconds"}),
    ({"cache": 3}, {"cache": "True, False or a cache version"}),
    ({"resources": {"mem": "1Gi"}}, {"resources.mem": "did you mean 'memory'?"}),
    ({"resources": [1]}, {"resources": "expected a mapping"}),
    ({"env": {"A": 1}}, {"env.A": "a variable's value is a string"}),
    ({"inputs": [1]}, {"inputs": "a mapping"}),
    ({"secrets": "x"}, {"secrets": "a mapping"}),
    ({"triggers": "0 2 * * *"}, {"triggers": "a mapping from name to cron expression"}),
    ({"include": "data"}, {"include": "a list of paths or globs"}),
    ({"description": 3}, {"description": "a plain string"}),
    ({"adopt": "yes"}, {"adopt": "True or False"}),
]


@PLATFORMS
@pytest.mark.parametrize(("arguments", "expected"), PROBLEMS)
def test_every_problem_is_reported_under_its_argument(
    config: Mapping[str, str], arguments: Mapping[str, Any], expected: Mapping[str, str]
) -> None:
    options = {**CONTAINER, **arguments}
    check_problems(problems_of(lambda: Task("job", environment=Environment("env"), **options), config), expected)


@pytest.mark.parametrize("argument", ["source", "retries", "timeout", "cache", "description", "adopt", "name"])
def test_an_output_is_refused_where_a_plain_value_is_needed(argument: str) -> None:
    def declare() -> None:
        given: dict[str, Any] = {**CONTAINER, argument: pulumi.Output.from_input("x")}
        Task("job", environment=Environment("env"), **given)

    check_problems(problems_of(declare), {argument: "this is an Output, and a plain value is needed"})
