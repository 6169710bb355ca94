"""An App registers resources for its arguments, and refuses wrong arguments."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pulumi
import pytest
from pulumi_flyte import App, Environment, Secret, Task
from pulumi_flyte.testing import UNKNOWN

from tests.components.mocks.registrations import FLYTE, check_problems, problems_of, run

PLATFORMS = pytest.mark.parametrize("config", [{}, FLYTE], ids=["local", "flyte"])


def app_of(config: Mapping[str, str] | None = None, /, **arguments: Any) -> dict[str, Any]:
    """Return the properties of the `flyte:api:App` that an App with these arguments declares."""
    options = {"image": "web:1", **arguments}
    program = run(lambda: App("web", environment=Environment("env", project="p"), **options), config)
    return dict(program["api:App web"].inputs)


@pytest.mark.parametrize(
    ("config", "urls"),
    [
        (
            {},
            {
                "endpoint": "http://127.0.0.1:8480/apps/p/development/web",
                "publicEndpoint": "http://127.0.0.1:8480/apps/p/development/web",
                "consoleUrl": "http://127.0.0.1:8480/v2/domain/development/project/p/apps/web",
            },
        ),
        (
            FLYTE,
            {
                "endpoint": "http://web-p-development.flyte.svc.cluster.local",
                "publicEndpoint": "https://web-p-development.apps.example.com",
                "consoleUrl": "https://flyte.example.com/v2/domain/development/project/p/apps/web",
            },
        ),
    ],
    ids=["local", "flyte"],
)
def test_a_container_without_anything_else(config: Mapping[str, str], urls: Mapping[str, str]) -> None:
    app = app_of(config)
    assert app.pop("env")["FLYTE_INTERNAL_EXECUTION_PROJECT"] == "p"
    assert len(app.pop("version")) == 16
    assert app.pop("secretVersions", {}) == {}
    place = {"name": "web", "project": "p", "domain": "development"}
    assert app == {**place, "image": "web:1", "port": 8080, **urls}


@PLATFORMS
def test_everything_that_is_needed_is_known_in_a_preview(config: Mapping[str, str]) -> None:
    def declare() -> Mapping[str, pulumi.Input[Any]]:
        app = App("web", environment=Environment("env"), image="web:1")
        return {"endpoint": app.endpoint, "public": app.public_endpoint, "console": app.console_url, "v": app.version}

    preview, update = run(declare, config, preview=True), run(declare, config)
    assert preview.outputs == update.outputs
    assert UNKNOWN not in preview.outputs.values()


def test_without_a_base_domain_the_public_endpoint_is_the_platforms() -> None:
    config = {key: value for key, value in FLYTE.items() if key != "flyte:baseDomain"}

    def declare() -> Mapping[str, pulumi.Input[Any]]:
        return {"public": App("web", environment=Environment("env"), image="web:1").public_endpoint}

    assert run(declare, config, preview=True).outputs == {"public": UNKNOWN}
    computed = {"api:App": {"publicEndpoint": "https://web.example.com"}}
    assert run(declare, config, computed=computed).outputs == {"public": "https://web.example.com"}


ARGUMENTS: list[tuple[Mapping[str, Any], Mapping[str, Any]]] = [
    ({"name": "front"}, {"name": "front"}),
    ({"port": 9000}, {"port": 9000}),
    ({"port": 9000.0}, {"port": 9000}),
    ({"command": ["nginx", "-g"], "args": ["daemon off;"]}, {"command": ["nginx", "-g"], "args": ["daemon off;"]}),
    (
        {"resources": {"cpu": ("500m", 2), "memory": "1Gi", "disk": "2Gi", "gpu": "T4:1", "shm": "64Mi"}},
        {
            "resources": {
                "requests": {"cpu": "500m", "memory": "1Gi", "ephemeralStorage": "2Gi", "gpu": "1"},
                "limits": {"cpu": "2"},
                "accelerator": {"device": "T4"},
                "sharedMemory": "64Mi",
            }
        },
    ),
    ({"scaling": {"replicas": 2}}, {"scaling": {"minReplicas": 2, "maxReplicas": 2}}),
    (
        {"scaling": {"replicas": (0, 3), "concurrency": 10, "scaledown_after": 300}},
        {"scaling": {"minReplicas": 0, "maxReplicas": 3, "concurrency": 10, "scaledownAfter": 300}},
    ),
    ({"scaling": {"request_rate": 5}}, {"scaling": {"requestRate": 5}}),
    ({"scaling": {"requestRate": 5, "scaledownAfter": 60}}, {"scaling": {"requestRate": 5, "scaledownAfter": 60}}),
    ({"health": "/up"}, {"health": {"path": "/up"}}),
    ({"health": {"path": "/up", "timeout": 120}}, {"health": {"path": "/up", "timeout": 120}}),
    ({"health": {"path": "/up", "timeout": timedelta(minutes=2)}}, {"health": {"path": "/up", "timeout": 120}}),
    ({"timeouts": {"request": 300}}, {"timeouts": {"request": 300}}),
    ({"timeouts": {"request": timedelta(minutes=5)}}, {"timeouts": {"request": 300}}),
    ({"scaling": {"scaledown_after": timedelta(minutes=5)}}, {"scaling": {"scaledownAfter": 300}}),
    ({"domain": {"subdomain": "shop"}}, {"ingress": {"subdomain": "shop"}}),
    ({"domain": {"custom_domain": "shop.example.com"}}, {"ingress": {"customDomain": "shop.example.com"}}),
    (
        {"console_links": [{"path": "/docs", "title": "API"}, {"path": "https://x.org", "is_relative": False}]},
        {"links": [{"path": "/docs", "title": "API"}, {"path": "https://x.org", "isRelative": False}]},
    ),
    ({"requires_auth": False}, {"requiresAuth": False}),
    ({"service_account": "runner"}, {"serviceAccount": "runner"}),
    ({"description": "The shop."}, {"description": "The shop."}),
    ({"active": False}, {"active": False}),
    ({"adopt": True}, {"adopt": True}),
]


@PLATFORMS
@pytest.mark.parametrize(("arguments", "properties"), ARGUMENTS)
def test_each_argument_is_a_property(
    config: Mapping[str, str], arguments: Mapping[str, Any], properties: Mapping[str, Any]
) -> None:
    app = app_of(config, **arguments)
    assert {key: app.get(key) for key in properties} == properties


def test_the_component_has_the_arguments_under_the_names_of_the_schema() -> None:
    def declare() -> None:
        App(
            "web",
            environment=Environment("env", project="p"),
            image="web:1",
            port=9000,
            env={"A": "1"},
            scaling={"replicas": (0, 3), "scaledown_after": 60},
            health={"path": "/up", "timeout": 120},
            requires_auth=False,
            console_links=[{"path": "/docs", "title": "API", "is_relative": True}],
            service_account="runner",
        )

    inputs = dict(run(declare)["index:App web"].inputs)
    assert inputs.pop("environment")["project"] == "p"
    assert inputs == {
        "image": "web:1",
        "port": 9000,
        "env": {"A": "1"},
        "scaling": {"replicas": [0, 3], "scaledownAfter": 60},
        "health": {"path": "/up", "timeout": 120},
        "requiresAuth": False,
        "consoleLinks": [{"path": "/docs", "title": "API", "isRelative": True}],
        "serviceAccount": "runner",
    }


def test_environments_defaults_are_under_the_apps_own() -> None:
    def declare() -> None:
        environment = Environment(
            "env",
            image="default:1",
            env={"A": "default", "B": "default"},
            resources={"cpu": 1},
            service_account="default",
        )
        App("plain", environment=environment, command=["serve"])
        own: dict[str, Any] = {"image": "own:1", "resources": {"memory": "1Gi"}, "service_account": "own"}
        App("own", environment=environment, env={"B": "own"}, **own)

    program = run(declare, FLYTE)
    plain, own = program["api:App plain"].inputs, program["api:App own"].inputs
    assert (plain["image"], plain["serviceAccount"], plain["resources"]) == (
        "default:1",
        "default",
        {"requests": {"cpu": "1"}},
    )
    assert (own["image"], own["serviceAccount"], own["resources"]) == ("own:1", "own", {"requests": {"memory": "1Gi"}})
    assert {key: own["env"][key] for key in "AB"} == {"A": "default", "B": "own"}
    assert {key: plain["env"][key] for key in "AB"} == {"A": "default", "B": "default"}


def test_one_unknown_variable_leaves_the_others_known() -> None:
    def declare() -> None:
        environment = Environment("env", project="p")
        later = Secret("key", environment=environment, value="v").version
        App("web", environment=environment, image="w:1", env={"LATER": later, "A": "1"})

    env = run(declare, preview=True)["api:App web"].inputs["env"]
    assert (env["LATER"], env["A"], env["FLYTE_INTERNAL_EXECUTION_PROJECT"]) == (UNKNOWN, "1", "p")


def test_a_version_changes_with_what_runs_and_not_with_its_place() -> None:
    def version(**arguments: Any) -> str:
        return str(app_of(**arguments)["version"])

    assert version() == version()
    assert version() == version(adopt=True) == version(active=False)
    others = [version(port=9000), version(env={"A": "1"}), version(resources={"cpu": 1}), version(image="web:2")]
    assert len({version(), *others}) == 1 + len(others)


def test_an_app_waits_for_its_server() -> None:
    program = run(lambda: App("web", environment=Environment("env"), image="web:1"), preview=True)
    assert program["api:App web"].depends_on == {"local:Server env"}


@pytest.mark.parametrize(
    ("config", "arguments", "warning"),
    [
        ({}, {"resources": {"gpu": 1}}, "a GPU cannot be reserved on `local`"),
        (FLYTE, {"resources": {"gpu": 1}}, "Flyte OSS drops a GPU request of an app"),
        (FLYTE, {"domain": {"subdomain": "shop"}}, "Flyte OSS ignores an app's own domain"),
        ({}, {"resources": {"memory": "512m"}}, "resources.memory: "),
        (FLYTE, {"requires_auth": True}, "requires_auth=True: this app is open to every caller"),
    ],
)
def test_what_is_not_carried_out_is_a_warning(
    config: Mapping[str, str], arguments: Mapping[str, Any], warning: str
) -> None:
    program = run(lambda: App("web", environment=Environment("env"), image="web:1", **arguments), config)
    assert [text for text in program.warnings if warning in text], program.warnings


PROBLEMS: list[tuple[Mapping[str, Any], Mapping[str, str]]] = [
    ({"imgae": "web:1"}, {"imgae": "did you mean 'image'?"}),
    ({"name": "Web App"}, {"name": "for example 'web-app'"}),
    ({"name": "x" * 31}, {"name": "at most 30 characters, this one has 31"}),
    ({"name": 3}, {"name": "a plain string"}),
    ({"source": 3}, {"source": 'a string "file.py:attribute"'}),
    ({"source": "web.py"}, {"source": 'write "file.py:attribute"'}),
    ({"source": "web.py:app"}, {"source": "there is no file 'web.py'"}),
    ({"command": "nginx -g"}, {"command": "a list of strings, one per word"}),
    ({"command": ["nginx", 3]}, {"command": "a list of strings"}),
    ({"args": [1]}, {"args": "a list of strings"}),
    ({"port": "8080"}, {"port": "expected a number (got '8080')"}),
    ({"port": True}, {"port": "expected a number"}),
    ({"port": 8012}, {"port": ""}),
    ({"port": 0}, {"port": ""}),
    ({"inputs": ["a"]}, {"inputs": "a mapping, such as"}),
    ({"secrets": ["a"]}, {"secrets": "a mapping, such as"}),
    ({"env": ["A=1"]}, {"env": "a mapping, such as"}),
    ({"env": {"A": 1}}, {"env.A": "a variable's value is a string (got 1)"}),
    ({"env": {"PORT": "80"}}, {"env.PORT": "the platform sets it to the port"}),
    ({"env": {"A": None}}, {"env.A": "its value is None"}),
    ({"env": {"1A": "x"}}, {"env.1A": "letters, digits and '_', no digit first"}),
    ({"env": {"FLYTE_WIRING": "x"}}, {"env.FLYTE_WIRING": "set by the platform itself"}),
    ({"resources": {"cpus": "1"}}, {"resources.cpus": "unknown resource: did you mean 'cpu'?"}),
    ({"resources": {"cpu": "lots"}}, {"resources.cpu": "not a quantity"}),
    ({"resources": {"cpu": (2, 1)}}, {"resources.cpu": ""}),
    ({"resources": {"gpu": object()}}, {"resources.gpu": "not a GPU"}),
    ({"resources": "1"}, {"resources": "expected a mapping"}),
    ({"scaling": {"replica": 3}}, {"scaling.replica": "unknown scaling setting: did you mean 'replicas'?"}),
    ({"scaling": {"replicas": "3"}}, {"scaling.replicas": "replicas are a number, or a pair"}),
    ({"scaling": {"replicas": (3, 1)}}, {"scaling.replicas": "replicas are a number, or a pair"}),
    ({"scaling": {"concurrency": 0}}, {"scaling.concurrency": "a whole number of at least 1"}),
    ({"scaling": {"concurrency": 1, "request_rate": 1}}, {"scaling": "give concurrency or request_rate, not both"}),
    ({"scaling": {"scaledown_after": "5m"}}, {"scaling.scaledown_after": "a positive number of seconds"}),
    ({"scaling": 3}, {"scaling": "expected a mapping"}),
    ({"health": {"path": "/x", "timeouts": 3}}, {"health.timeouts": "did you mean 'timeout'?"}),
    ({"health": "x"}, {"health.path": "a path starts with '/'"}),
    ({"health": {"path": "/x", "timeout": 0}}, {"health.timeout": "a positive number of seconds"}),
    ({"health": 3}, {"health": "a path such as"}),
    ({"timeouts": {"requests": 3}}, {"timeouts.requests": "did you mean 'request'?"}),
    ({"timeouts": {"request": 3601}}, {"timeouts.request": "at most 3600 seconds"}),
    ({"timeouts": {"request": "300"}}, {"timeouts.request": "a positive number of seconds"}),
    ({"domain": {"sub": "shop"}}, {"domain.sub": "unknown setting"}),
    ({"domain": "shop"}, {"domain": "a mapping with some of subdomain, custom_domain"}),
    ({"console_links": {"path": "/docs"}}, {"console_links": "a list such as"}),
    ({"console_links": [{"pth": "/docs"}]}, {"console_links.0.pth": "did you mean 'path'?"}),
    ({"console_links": ["/docs"]}, {"console_links.0": "a mapping with some of path, title"}),
    ({"requires_auth": "yes"}, {"requires_auth": "True or False (got 'yes')"}),
    ({"auth_rotation": "2026-01"}, {"auth_rotation": "it rotates the key of requires_auth=True"}),
    ({"requires_auth": True, "auth_rotation": 3}, {"auth_rotation": "a plain string"}),
    ({"include": "data"}, {"include": "a list of paths or globs"}),
    ({"include": ["missing.txt"]}, {"include": "missing.txt"}),
    ({"service_account": 3}, {"service_account": "a plain string"}),
    ({"description": 3}, {"description": "a plain string"}),
    ({"active": 1}, {"active": "True or False"}),
    ({"adopt": "yes"}, {"adopt": "True or False"}),
]


@PLATFORMS
@pytest.mark.parametrize(("arguments", "expected"), PROBLEMS)
def test_every_problem_is_reported_under_its_argument(
    config: Mapping[str, str], arguments: Mapping[str, Any], expected: Mapping[str, str]
) -> None:
    options = {"image": "web:1", **arguments}
    check_problems(problems_of(lambda: App("web", environment=Environment("env"), **options), config), expected)


def test_something_has_to_run() -> None:
    wants = 'nothing to run is declared: pass source="file.py:attribute", or image= and command='
    check_problems(problems_of(lambda: App("web", environment=Environment("env"))), {"source": wants})


def test_a_missing_environment_hides_no_other_problem() -> None:
    nowhere: Any = None
    anything: Any = object()
    problems = problems_of(lambda: App("web", environment=nowhere, port=0, inputs={"b": anything}))
    check_problems(
        problems,
        {
            "environment": "required",
            "port": "expected a port between",
            "inputs.b": "expected an App, a Task, an AppEndpoint",
        },
    )


def test_all_problems_are_reported_at_once() -> None:
    wrong: dict[str, Any] = {
        "port": "x",
        "scaling": {"replicas": "3", "concurency": 1},
        "resources": {"cpu": "lots", "gpus": 1},
        "health": "x",
        "env": {"PORT": "1", "B": 2},
        "inputs": {"a": 5},
        "secrets": {"K": "literal"},
        "requires_auth": "yes",
        "name": "A B",
    }
    problems = problems_of(lambda: App("web", environment=Environment("env"), image="web:1", **wrong))
    check_problems(
        problems,
        dict.fromkeys(
            (
                "port",
                "scaling.replicas",
                "scaling.concurency",
                "resources.cpu",
                "resources.gpus",
                "health.path",
                "env.PORT",
                "env.B",
                "inputs.a",
                "secrets.K",
                "requires_auth",
                "name",
            ),
            "",
        ),
    )


@pytest.mark.parametrize(
    "argument",
    ["source", "port", "auth_rotation", "service_account", "description", "active", "adopt", "name", "requires_auth"],
)
def test_an_output_is_refused_where_a_plain_value_is_needed(argument: str) -> None:
    def declare() -> None:
        options: dict[str, Any] = {"image": "web:1", argument: pulumi.Output.from_input("x")}
        App("web", environment=Environment("env"), **options)

    check_problems(problems_of(declare), {argument: "this is an Output, and a plain value is needed"})


@pytest.mark.parametrize(
    ("argument", "value"),
    [
        ("scaling", lambda output: {"replicas": output}),
        ("resources", lambda output: {"cpu": (1, output)}),
        ("health", lambda output: {"path": output}),
        ("include", lambda output: [output]),
        ("console_links", lambda output: [{"path": output}]),
    ],
)
def test_an_output_is_refused_inside_of_a_mapping(argument: str, value: Any) -> None:
    def declare() -> None:
        options: dict[str, Any] = {"image": "web:1", argument: value(pulumi.Output.from_input("x"))}
        App("web", environment=Environment("env"), **options)

    (problem,) = problems_of(declare)
    assert problem.startswith(f"{argument}.")
    assert "this is an Output, and a plain value is needed" in problem


def test_a_text_that_an_output_was_lost_in_is_refused_everywhere() -> None:
    def declare() -> None:
        output = pulumi.Output.from_input("x")
        options: dict[str, Any] = {"description": f"{output}", "env": {"A": f"{output}"}, "command": [f"{output}"]}
        App("web", environment=Environment("env"), image="web:1", **options)

    lost = "an f-string or str() contains an Output"
    check_problems(problems_of(declare), {"description": lost, "env.A": lost, "command.0": lost})


def test_outputs_are_welcome_where_only_the_container_sees_them() -> None:
    def declare() -> None:
        text = pulumi.Output.from_input("text")
        options: dict[str, Any] = {"image": text, "command": [text], "args": [text], "env": {"A": text}}
        App("web", environment=Environment("env"), inputs={"b": text}, **options)

    app = run(declare)["api:App web"].inputs
    assert (app["image"], app["command"], app["args"]) == ("text", ["text"], ["text"])
    assert (app["env"]["A"], app["env"]["B"]) == ("text", "text")


@pytest.mark.parametrize("environment", ["shop", 3, None, {"platform": "local"}, {"a": 1}])
@pytest.mark.parametrize("component", [App, Task])
def test_an_environment_is_needed(component: type, environment: Any) -> None:
    problems = problems_of(lambda: component("web", environment=environment, image="web:1"))
    assert len(problems) == 1
    assert problems[0].startswith("environment: ")


@pytest.mark.parametrize("component", [App, Task])
def test_a_missing_environment_and_positional_arguments_are_named(component: Any) -> None:
    check_problems(problems_of(lambda: component("web", image="web:1")), {"environment": "required"})

    def positional() -> None:
        component("web", Environment("env"), image="web:1")

    check_problems(problems_of(positional), {"arguments": "all but the name are given by keyword"})
    kind = component.__name__
    expected = f'the first argument is the Pulumi name: {kind}("web", …)'
    check_problems(problems_of(lambda: component("", environment=Environment("env"), image="x:1")), {"name": expected})


def test_a_refused_app_leaves_its_name_to_the_next() -> None:
    def declare() -> None:
        environment = Environment("env")
        try:
            App("web", environment=environment, image="web:1", port=0)
        except pulumi.RunError:
            App("web", environment=environment, image="web:1")

    assert "api:App web" in run(declare).names


def test_unknown_arguments_and_wrong_values_are_reported_at_once() -> None:
    def declare() -> None:
        wrong: Any = {"prot": 5, "port": "x", "scaling": {"replicas": "a"}, "requiresAuth": True}
        App("web", environment=Environment("env", project="p"), image="web:1", **wrong)

    expected = {
        "prot": "unknown argument: did you mean 'port'?",
        "requiresAuth": "unknown argument: did you mean 'requires_auth'?",
        "port": "expected a number (got 'x')",
        "scaling.replicas": "replicas are a number, or a pair",
    }
    check_problems(problems_of(declare), expected)


@pytest.mark.parametrize(
    "wrong",
    [{"project": 5}, {"domain": None}, {"scheme": 3}, {"namespace": []}, {"env": 5}, {"insecure": "yes"}, {"org": {}}],
    ids=str,
)
def test_settings_of_the_wrong_types_are_reported(wrong: dict[str, Any]) -> None:
    settings: Any = {"platform": "local", "project": "p", **wrong}
    problems = problems_of(lambda: App("web", environment=settings, image="web:1"))
    assert [each.split(":")[0] for each in problems] == list(wrong)


def test_a_key_of_the_wrong_case_is_near() -> None:
    wrong: Any = {"CPU": "1", "Memory": "1Gi"}
    problems = problems_of(lambda: App("web", environment=Environment("env"), image="web:1", resources=wrong))
    check_problems(problems, {"resources.CPU": "did you mean 'cpu'", "resources.Memory": "did you mean 'memory'"})
