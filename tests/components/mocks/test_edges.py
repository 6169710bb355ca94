"""`inputs` and `secrets` become a variable, an entry of the wiring document, and a dependency."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import pulumi
import pytest
from pulumi_flyte import (
    App,
    AppEndpoint,
    Environment,
    Link,
    Secret,
    Task,
    TaskRef,
    Workload,
    WorkloadSecret,
)
from pulumi_flyte.testing import UNKNOWN

from tests.components.mocks.registrations import (
    FLYTE,
    Program,
    check_problems,
    error_of,
    problems_in,
    problems_of,
    run,
)

PLATFORMS = pytest.mark.parametrize("config", [{}, FLYTE], ids=["local", "flyte"])
CONTAINER: dict[str, Any] = {"image": "job:1", "command": ["go"], "interface": {"inputs": {}}}
BACK = {
    "local": {
        "url": "http://127.0.0.1:8480/apps/p/development/back",
        "public_url": "http://127.0.0.1:8480/apps/p/development/back",
    },
    "flyte": {
        "url": "http://back-p-development.flyte.svc.cluster.local",
        "public_url": "https://back-p-development.apps.example.com",
    },
}


def wiring(program: Program, name: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(program[name].inputs["env"]["FLYTE_WIRING"])
    return document


def consume(
    make: Callable[[Environment, App, Task], Mapping[str, Any]], config: Mapping[str, str], *, preview: bool = False
) -> Program:
    """Run a program whose app `web` and task `caller` have the inputs that `make` returns."""

    def declare() -> None:
        environment = Environment("env", project="p")
        back = App("back", environment=environment, image="back:1")
        job = Task("job", environment=environment, **CONTAINER)
        inputs = make(environment, back, job)
        App("web", environment=environment, image="web:1", inputs=inputs)
        Task("caller", environment=environment, inputs=inputs, **CONTAINER)

    return run(declare, config, preview=preview, computed={} if preview else {"api:Secret": {"version": "v1"}})


@PLATFORMS
@pytest.mark.parametrize("consumer", ["api:App web", "api:Task caller"])
def test_an_app_is_its_url_and_waited_for(config: Mapping[str, str], consumer: str) -> None:
    program = consume(lambda environment, back, job: {"back_url": back}, config)
    urls = BACK["flyte" if config else "local"]
    assert program[consumer].inputs["env"]["BACK_URL"] == urls["url"]
    app = {"kind": "app", "project": "p", "domain": "development", "name": "back", **urls}
    assert wiring(program, consumer)["inputs"] == {"back_url": app}
    assert program.awaited_by(consumer) == {"api:App back"}


@PLATFORMS
@pytest.mark.parametrize("consumer", ["api:App web", "api:Task caller"])
def test_a_task_is_its_identity_with_its_version_and_waited_for(config: Mapping[str, str], consumer: str) -> None:
    program = consume(lambda environment, back, job: {"job": job}, config)
    version = program["api:Task job"].inputs["version"]
    assert program[consumer].inputs["env"]["JOB"] == f"p/development/job@{version}"
    task = {"kind": "task", "project": "p", "domain": "development", "name": "job", "version": version}
    assert {**wiring(program, consumer)["inputs"]["job"], "kind": "task"} == task
    assert program.awaited_by(consumer) == {"api:Task job"}


@PLATFORMS
@pytest.mark.parametrize(
    ("value", "variable"),
    [
        (TaskRef("other"), "p/development/other"),
        (TaskRef("other", version="v1", project="q", domain="staging"), "q/staging/other@v1"),
        ({"task": "other"}, "p/development/other"),
        ("https://example.com", "https://example.com"),
    ],
)
def test_a_name_and_a_text_order_nothing(config: Mapping[str, str], value: Any, variable: str) -> None:
    program = consume(lambda environment, back, job: {"it": value}, config)
    for consumer in ("api:App web", "api:Task caller"):
        assert program[consumer].inputs["env"]["IT"] == variable
        assert program.awaited_by(consumer) == set()


@pytest.mark.parametrize(
    ("config", "value", "url"),
    [
        ({}, AppEndpoint("other"), "http://127.0.0.1:8480/apps/p/development/other"),
        ({}, AppEndpoint("other", project="q", domain="staging"), "http://127.0.0.1:8480/apps/q/staging/other"),
        ({}, {"app": "other"}, "http://127.0.0.1:8480/apps/p/development/other"),
        (FLYTE, AppEndpoint("other"), "http://other-p-development.flyte.svc.cluster.local"),
        (FLYTE, AppEndpoint("other", project="q"), "http://other-q-development.flyte.svc.cluster.local"),
    ],
)
def test_an_app_by_name_is_its_url(config: Mapping[str, str], value: Any, url: str) -> None:
    program = consume(lambda environment, back, job: {"it": value}, config)
    assert program["api:App web"].inputs["env"]["IT"] == url
    assert wiring(program, "api:App web")["inputs"]["it"]["url"] == url
    assert program.awaited_by("api:App web") == set()


def test_an_edge_has_its_options() -> None:
    def inputs(environment: Environment, back: App, job: Task) -> Mapping[str, Any]:
        return {
            "back": Link(back, timeout=2.5, retries=3),
            "named": Link(AppEndpoint("other"), retries=0),
            "job": Link(job, timeout=60),
            "mapping": {"to": {"app": "third"}, "timeout": 4},
        }

    program = consume(inputs, {})
    entries = wiring(program, "api:App web")["inputs"]
    assert (entries["back"]["timeout"], entries["back"]["retries"]) == (2.5, 3)
    assert entries["named"]["retries"] == 0
    assert entries["job"]["timeout"] == 60
    assert entries["mapping"]["timeout"] == 4
    assert program.awaited_by("api:App web") == {"api:App back", "api:Task job"}


def test_an_output_is_wired_once_it_is_known() -> None:
    def inputs(environment: Environment, back: App, job: Task) -> Mapping[str, Any]:
        later = Secret("key", environment=environment, value="v").version
        return {
            "text": pulumi.Output.from_input("https://example.com"),
            "link": back.link,
            "task": job.link,
            "v": later,
        }

    update, preview = consume(inputs, {}), consume(inputs, {}, preview=True)
    env = update["api:App web"].inputs["env"]
    assert (env["TEXT"], env["LINK"], env["V"]) == ("https://example.com", BACK["local"]["url"], "v1")
    assert env["TASK"] == f"p/development/job@{update['api:Task job'].inputs['version']}"
    assert wiring(update, "api:App web")["inputs"]["link"]["name"] == "back"
    assert {"api:App back", "api:Task job"} <= update.awaited_by("api:App web")
    env = preview["api:App web"].inputs["env"]
    assert (env["TEXT"], env["LINK"], env["V"]) == ("https://example.com", BACK["local"]["url"], UNKNOWN)


def test_the_component_has_its_edges_as_links() -> None:
    def inputs(environment: Environment, back: App, job: Task) -> Mapping[str, Any]:
        by_name = {"task": TaskRef("t", version="v1"), "app": AppEndpoint("a", project="q")}
        return {"back": Link(back, timeout=2), **by_name, "text": "plain"}

    edges = consume(inputs, {})["index:App web"].inputs["inputs"]
    assert edges["back"]["timeout"] == 2
    assert (edges["back"]["to"]["kind"], edges["back"]["to"]["name"]) == ("app", "back")
    assert edges["task"] == {"task": "t", "version": "v1"}
    assert edges["app"] == {"app": "a", "project": "q"}
    assert edges["text"] == "plain"


@PLATFORMS
def test_the_document_says_who_the_container_is(config: Mapping[str, str]) -> None:
    program = consume(lambda environment, back, job: {}, config)
    for kind, name in (("app", "web"), ("task", "caller")):
        document = wiring(program, f"api:{kind.capitalize()} {name}")
        assert document["platform"] == ("flyte" if config else "local")
        assert document["identity"] == {
            "kind": kind,
            "project": "p",
            "domain": "development",
            "name": name,
            "org": "",
        }


@pytest.mark.parametrize(
    ("config", "variables"),
    [
        (
            {},
            {
                "_U_EP_OVERRIDE": "127.0.0.1:8480",
                "_U_INSECURE": "true",
                "_U_ORG_NAME": "local",
                "INTERNAL_APP_ENDPOINT_PATTERN": "http://127.0.0.1:8480/apps/p/development/{app_fqdn}",
            },
        ),
        (
            {**FLYTE, "flyte:inClusterEndpoint": "flyte:8089", "flyte:org": "acme"},
            {
                "_U_EP_OVERRIDE": "flyte:8089",
                "_U_INSECURE": "false",
                "_U_ORG_NAME": "acme",
                "INTERNAL_APP_ENDPOINT_PATTERN": "http://{app_fqdn}-p-development.flyte.svc.cluster.local",
            },
        ),
        (FLYTE, {"_U_EP_OVERRIDE": "flyte.example.com"}),
    ],
)
def test_a_container_finds_its_control_plane(config: Mapping[str, str], variables: Mapping[str, str]) -> None:
    program = consume(lambda environment, back, job: {}, config)
    for consumer in ("api:App web", "api:Task caller"):
        env = program[consumer].inputs["env"]
        assert {key: env[key] for key in variables} == variables
        assert env["FLYTE_INTERNAL_EXECUTION_PROJECT"] == "p"
        assert env["FLYTE_INTERNAL_EXECUTION_DOMAIN"] == "development"


@PLATFORMS
def test_a_secret_is_a_request_and_waited_for(config: Mapping[str, str]) -> None:
    def declare() -> None:
        environment = Environment("env", project="p")
        key = Secret("key", environment=environment, value="v", name="stored-key")
        more = Secret("more", environment=environment, existing=True)
        secrets: dict[str, WorkloadSecret] = {"Z_KEY": key, "A_KEY": more.link}
        App("web", environment=environment, image="web:1", secrets=secrets)
        Task("job", environment=environment, secrets=secrets, **CONTAINER)

    program = run(declare, config)
    requests = [{"key": "more", "envVar": "A_KEY"}, {"key": "stored-key", "envVar": "Z_KEY"}]
    for consumer in ("api:App web", "api:Task job"):
        assert program[consumer].inputs["secrets"] == requests
        assert program.awaited_by(consumer) == {"api:Secret key", "api:Secret more"}
        assert wiring(program, consumer)["secrets"] == {"stored-key": "Z_KEY", "more": "A_KEY"}
    assert set(program["api:App web"].inputs["secretVersions"]) <= {"A_KEY", "Z_KEY"}
    assert "secretVersions" not in program["api:Task job"].inputs


def problems_with(make: Callable[[Environment], Mapping[str, Any]]) -> list[str]:
    """Run a program whose app has the wrong edges that `make` returns."""

    def declare() -> None:
        environment = Environment("env", project="p")
        App("web", environment=environment, image="web:1", **make(environment))

    return problems_in(error_of(declare))


WRONG: Any = {"timeout": "5s", "name": 3, "project": 3}  # what a type checker would refuse

PROBLEMS: list[tuple[Callable[[Environment], Mapping[str, Any]], Mapping[str, str]]] = [
    (
        lambda e: {"inputs": {"a": 5}},
        {"inputs.a": "expected an App, a Task, an AppEndpoint, a TaskRef, a Link or a string (got 5"},
    ),
    (lambda e: {"inputs": {"a": object()}}, {"inputs.a": "expected an App, a Task"}),
    (lambda e: {"inputs": {"a": None}}, {"inputs.a": "its value is None"}),
    (lambda e: {"inputs": {"a": e}}, {"inputs.a": "expected an App, a Task"}),
    (lambda e: {"inputs": {"a": {"name": "x"}}}, {"inputs.a": "this mapping is not the `link`"}),
    (lambda e: {"inputs": {"1a": "x"}}, {"inputs.1a": "letters, digits and '_', no digit first"}),
    (lambda e: {"inputs": {"port": "x"}}, {"inputs.port": "PORT is set by the platform itself"}),
    (lambda e: {"inputs": {"a": "x", "A": "y"}}, {"inputs.A": "'a' has the same variable A"}),
    (lambda e: {"inputs": {"a": Link("plain")}}, {"inputs.a": "a Link has options for an edge to an App or a Task"}),  # type: ignore[arg-type]
    (lambda e: {"inputs": {"a": Link(AppEndpoint("x"), timeout=0)}}, {"inputs.a.timeout": "a positive number"}),
    (
        lambda e: {"inputs": {"a": Link(AppEndpoint("x"), timeout=WRONG["timeout"])}},
        {"inputs.a.timeout": "a positive number"},
    ),
    (lambda e: {"inputs": {"a": Link(AppEndpoint("x"), retries=11)}}, {"inputs.a.retries": "between 0 and 10"}),
    (
        lambda e: {"inputs": {"a": Link(TaskRef("x"), retries=1)}},
        {"inputs.a.retries": "a caller does not repeat the runs"},
    ),
    (lambda e: {"inputs": {"a": AppEndpoint("A B")}}, {"inputs.a.name": "an app name is lower-case letters"}),
    (lambda e: {"inputs": {"a": AppEndpoint(WRONG["name"])}}, {"inputs.a.name": "a plain string (got 3)"}),
    (lambda e: {"inputs": {"a": TaskRef("a b")}}, {"inputs.a.name": "a task name is letters"}),
    (lambda e: {"inputs": {"a": TaskRef("x", project=WRONG["project"])}}, {"inputs.a.project": "a plain string"}),
    (lambda e: {"secrets": {"K": "literal"}}, {"secrets.K": "expected a Secret or its `link`"}),
    (lambda e: {"secrets": {"K": 5}}, {"secrets.K": "expected a Secret or its `link`"}),
    (lambda e: {"secrets": {"K": AppEndpoint("x")}}, {"secrets.K": "expected a Secret or its `link`"}),
]


@pytest.mark.parametrize(("make", "expected"), PROBLEMS)
def test_every_wrong_edge_is_reported_under_its_alias(
    make: Callable[[Environment], Mapping[str, Any]], expected: Mapping[str, str]
) -> None:
    check_problems(problems_with(make), expected)


def test_a_secret_is_no_input_and_an_app_is_no_secret() -> None:
    def arguments(environment: Environment) -> Mapping[str, Any]:
        key = Secret("key", environment=environment, value="v")
        back = App("back", environment=environment, image="back:1")
        return {"inputs": {"key": key}, "secrets": {"BACK": back, "key_2": key}}

    expected = {
        "inputs.key": "a Secret goes into secrets={variable: secret}",
        "secrets.BACK": "expected a Secret or its `link`",
        "secrets.key_2": "Flyte wants a secret's variable in upper case: KEY_2",
    }
    check_problems(problems_with(arguments), expected)


def test_one_variable_has_one_source() -> None:
    def arguments(environment: Environment) -> Mapping[str, Any]:
        key = Secret("key", environment=environment, value="v")
        return {"inputs": {"a": "x"}, "secrets": {"A": key, "B": key}, "env": {"B": "y"}}

    expected = {
        "secrets.A": "an input has this variable already",
        "env.B": "an input or secret sets this variable already",
    }
    check_problems(problems_with(arguments), expected)


@PLATFORMS
def test_what_is_on_another_control_plane_is_problems_with(config: Mapping[str, str]) -> None:
    def declare() -> None:
        there = Environment("there", platform="local", local_port=9999)
        here = Environment("here")
        apps = App("back", environment=there, image="back:1"), Task("job", environment=there, **CONTAINER)
        key = Secret("key", environment=there, value="v")
        inputs: dict[str, Workload] = dict(zip(("back", "job"), apps, strict=True))
        App("web", environment=here, image="web:1", inputs=inputs, secrets={"KEY": key})

    check_problems(
        problems_in(error_of(declare, config)),
        dict.fromkeys(("inputs.back", "inputs.job", "secrets.KEY"), "is on another control plane"),
    )


def test_a_secret_of_another_project_is_refused_and_an_app_is_not() -> None:
    def declare() -> None:
        there, here = Environment("there", project="q"), Environment("here", project="p")
        back = App("back", environment=there, image="back:1")
        App("web", environment=here, image="web:1", inputs={"back": back})
        App("bad", environment=here, image="web:1", secrets={"KEY": Secret("key", environment=there, value="v")})

    def collect() -> None:
        with pytest.raises(pulumi.RunError, match=r"secrets\.KEY: the secret 'key' is in q/development"):
            declare()

    program = run(collect)
    assert program["api:App web"].inputs["env"]["BACK"] == "http://127.0.0.1:8480/apps/q/development/back"


def test_a_name_that_is_nearly_an_apps_is_a_warning() -> None:
    program = consume(lambda environment, back, job: {"it": AppEndpoint("bakc")}, {})
    assert [text for text in program.warnings if "is 'back' meant?" in text], program.warnings


def test_a_name_is_taken_once() -> None:
    def declare() -> None:
        environment = Environment("env")
        for _ in range(2):
            App("web", environment=environment, image="web:1")

    assert "declares the App 'web' twice" in error_of(declare)


def test_a_wrong_mapping_of_inputs_is_one_problem() -> None:
    for given in (["a"], "a", 3):
        arguments: dict[str, Any] = {"inputs": given, "secrets": given}
        problems = problems_of(lambda given=arguments: App("w", environment=Environment("env"), image="w:1", **given))  # type: ignore[misc]
        check_problems(problems, {"inputs": "a mapping, such as", "secrets": "a mapping, such as"})
