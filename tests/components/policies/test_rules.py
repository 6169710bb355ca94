"""Each rule that comes with the package: a program that breaks it, and one that does not."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pulumi
import pytest
from pulumi_flyte import App, Environment, Secret, Task, TaskInterfaceDict
from pulumi_flyte.notation.engine_marks import SECRET
from pulumi_flyte.policies import BUILTIN, PolicySet, Resource
from pulumi_flyte.policies.resource import Value
from pulumi_flyte.testing import DeclaredStack, SecretValue, run_program
from pulumi_flyte.testing import Value as TestedValue

INTERFACE: TaskInterfaceDict = {"inputs": {}}
DIGEST = "sha256:" + "a" * 64
FLYTE = {"flyte:platform": "flyte", "flyte:endpoint": "https://flyte.example.com", "flyte:namespace": "apps"}
Program = Callable[[], object]


def _shown(value: TestedValue) -> Value:
    if isinstance(value, SecretValue):
        return SECRET
    if isinstance(value, Mapping):
        return {key: _shown(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_shown(item) for item in value]
    assert isinstance(value, (str, int, float, bool, type(None)))
    return value


def resources_of(stack: DeclaredStack) -> list[Resource]:
    """Return the resources as a review sees them."""
    resources = []
    for each in stack.resources:
        inputs, outputs = ({key: _shown(item) for key, item in part.items()} for part in (each.inputs, each.outputs))
        resources.append(Resource(each.type, each.name, each.urn, inputs, outputs))
    return resources


def app(**arguments: object) -> Program:
    return lambda: App("web", environment=Environment("shop"), **{"image": f"web:1@{DIGEST}", **arguments})  # type: ignore[arg-type]


def task(**arguments: object) -> Program:
    options = {"image": f"job:1@{DIGEST}", "command": ["go"], "interface": INTERFACE, "timeout": 60, **arguments}
    return lambda: Task("job", environment=Environment("shop"), **options)  # type: ignore[arg-type]


def secret(**arguments: object) -> Program:
    return lambda: Secret("key", environment=Environment("shop"), **arguments)  # type: ignore[arg-type]


def from_configuration() -> object:
    return Secret("key", environment=Environment("shop"), value=pulumi.Config().require_secret("key"))


CASES: list[tuple[str, Program, Program, str]] = [
    ("public-app-needs-auth", app(public=True), app(public=True, requires_auth=True), "public: gives the app a public"),
    ("secret-from-configuration", secret(value="hunter2"), from_configuration, "value: is a plain text in the program"),
    ("no-secret-in-env", app(env={"DB_PASSWORD": "x"}), app(env={"MODE": "fast"}), "env.DB_PASSWORD: is called as"),
    ("no-latest-tag", app(image="registry:5000/web"), app(image="web:1"), "image: 'registry:5000/web' is another"),
    ("no-latest-tag", task(image="job:latest"), task(), "image: 'job:latest' is another image after each push"),
    ("image-by-content", app(image="web:1"), app(), "image: 'web:1' may become another image: append the digest"),
    ("memory-limit", app(), app(resources={"memory": ("1Gi", "2Gi")}), "resources.limits: a leak takes the memory"),
    ("bounded-retries", task(retries=11), task(retries=10), "retries: 11 repeats of a run that fails"),
    ("task-time-limit", task(timeout=None), task(), "timeout: is not set"),
    ("bounded-replicas", app(scaling={"replicas": (1, 21)}), app(scaling={"replicas": 20}), "scaling.maxReplicas: 21"),
    ("temporary-adoption", app(adopt=True), app(), "adopt: takes over any object of this name"),
]


@pytest.mark.parametrize(
    ("id", "broken", "right", "message"), CASES, ids=[f"{each[0]}-{each[3][:9]}" for each in CASES]
)
def test_a_rule_tells_a_wrong_program_from_a_right_one(id: str, broken: Program, right: Program, message: str) -> None:
    rule = next(each for each in BUILTIN if each.id == id)
    rules = PolicySet([rule])
    violations = list(rules.violations(resources_of(run_program(broken, secrets={"key": "v"}))))
    assert [violation.rule for violation in violations] == [id]
    assert violations[0].message.startswith(message)
    assert violations[0].message.endswith(rule.remedy)
    assert "hunter2" not in violations[0].message
    assert list(rules.violations(resources_of(run_program(right, secrets={"key": "v"})))) == []


@pytest.mark.parametrize(
    ("config", "is_broken"),
    [
        ({"flyte:endpoint": "http://flyte.example.com"}, True),
        ({"flyte:endpoint": "http://127.0.0.1:80"}, False),
        ({}, False),
    ],
)
def test_a_control_plane_is_called_over_tls(config: Mapping[str, str], is_broken: bool) -> None:
    rules = PolicySet([next(each for each in BUILTIN if each.id == "encrypted-endpoint")])
    stack = run_program(app(), config={**FLYTE, **config})
    assert bool(list(rules.violations(resources_of(stack)))) == is_broken


def test_an_app_below_a_public_domain_of_the_platform_is_public() -> None:
    rules = PolicySet([next(each for each in BUILTIN if each.id == "public-app-needs-auth")])
    stack = run_program(app(), config={**FLYTE, "flyte:baseDomain": "apps.example.com"})
    assert next(each.message for each in rules.violations(resources_of(stack))).startswith("environment.baseDomain")


def test_a_secret_among_plain_variables_is_found_by_its_value() -> None:
    rules = PolicySet([next(each for each in BUILTIN if each.id == "no-secret-in-env")])
    stack = run_program(lambda: app(env={"MODE": pulumi.Output.secret("hunter2")})())
    assert next(each.message for each in rules.violations(resources_of(stack))).startswith("env: has a secret")


def test_an_app_on_local_has_no_image_to_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "web.py").write_text("async def app(scope, receive, send): ...\n")
    monkeypatch.chdir(tmp_path)
    stack = run_program(lambda: App("web", environment=Environment("shop"), source="web.py:app"))
    broken = [each.rule for each in PolicySet(list(BUILTIN)).violations(resources_of(stack))]
    assert broken == ["memory-limit"]


def test_every_rule_has_a_case() -> None:
    assert {each.id for each in BUILTIN} - {case[0] for case in CASES} == {"encrypted-endpoint"}
