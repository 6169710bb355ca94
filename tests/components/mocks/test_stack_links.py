"""Links to another stack: what they give, and each way in which the other stack's output is not what was meant."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from pulumi_flyte import App, ArgumentsError, Environment, Link, StackLink, Task, TaskInterfaceDict
from pulumi_flyte.testing import DeclaredStack, run_program

INTERFACE: TaskInterfaceDict = {"inputs": {}}
BACKEND = "acme/backend/dev"
PLANE = {"platform": "local", "endpoint": "http://127.0.0.1:8480", "org": "local"}
PLACE = {"project": "backend", "domain": "development", "controlPlane": PLANE}
API = {**PLACE, "kind": "app", "name": "api", "url": "http://api"}
TASK = {**PLACE, "kind": "task", "name": "t", "version": "v1"}
KEY = {**PLACE, "project": "shop", "kind": "secret", "name": "key"}
OUTPUTS = {"api": API, "resize": TASK, "key": KEY, "url": "http://api", "number": 3}


def caller(link: object, argument: str = "inputs", **outputs: object) -> DeclaredStack:
    def declare() -> None:
        App("web", environment=Environment("shop"), image="web:1", **{argument: {"BACK": link}})  # type: ignore[arg-type]

    return run_program(declare, project="shop", stacks={BACKEND: {**OUTPUTS, **outputs}})


def problems_of(link: object, argument: str = "inputs", **outputs: object) -> dict[str, str]:
    with pytest.raises(ArgumentsError) as refused:
        caller(link, argument, **outputs)
    return {problem.path: problem.reason for problem in refused.value.problems}


@pytest.mark.parametrize("link", [StackLink(BACKEND, "api"), {"stack": BACKEND, "output": "api"}])
def test_an_app_of_another_stack_is_reached_and_the_state_says_by_which_output(link: object) -> None:
    web = caller(link).app("web")
    assert web["inputs.BACK.name"] == "api"
    assert web["inputs.BACK.from"] == {"stack": BACKEND, "output": "api"}
    assert caller(link).resource("flyte:api:App", "web")["env.BACK"] == "http://api"


def test_options_and_tasks_and_secrets_are_linked_too() -> None:
    linked = caller(Link(StackLink(BACKEND, "api"), timeout=5)).app("web")
    assert (linked["inputs.BACK.timeout"], linked["inputs.BACK.to.from.output"]) == (5, "api")
    assert caller(StackLink(BACKEND, "resize")).app("web")["inputs.BACK.version"] == "v1"
    web = caller(StackLink(BACKEND, "key"), "secrets").app("web")
    assert (web["secrets.BACK.name"], web["secrets.BACK.from.output"]) == ("key", "key")


def test_a_removed_output_is_named_with_the_nearest() -> None:
    problems = problems_of(StackLink(BACKEND, "apii"))
    assert problems == {"inputs.BACK.output": f"the stack '{BACKEND}' has no output 'apii': did you mean 'api'?"}


@pytest.mark.parametrize(("output", "kind"), [("url", "a text"), ("number", "a value of type")])
def test_an_output_that_is_no_link_is_refused(output: str, kind: str) -> None:
    reason = problems_of(StackLink(BACKEND, output))["inputs.BACK.output"]
    assert f"the output '{output}' of the stack '{BACKEND}' is {kind}" in reason
    assert reason.endswith("export the component's `link` there")


def test_a_link_of_the_wrong_kind_is_refused() -> None:
    assert "a Secret goes into secrets=" in problems_of(StackLink(BACKEND, "key"))["inputs.BACK"]
    assert "expected a Secret or" in problems_of(StackLink(BACKEND, "api"), "secrets")["secrets.BACK"]


@pytest.mark.parametrize(
    ("moved", "link", "path", "reason"),
    [
        ({"domain": "staging"}, StackLink(BACKEND, "api"), "domain", "is in the domain 'staging', and not in 'dev"),
        ({"project": "other"}, StackLink(BACKEND, "api", project="backend"), "project", "is in the project 'other'"),
        ({}, StackLink(BACKEND, "api", domain="staging"), "domain", "is in the domain 'development', and not in 'st"),
    ],
)
def test_another_project_or_domain_is_refused(
    moved: Mapping[str, Any], link: StackLink, path: str, reason: str
) -> None:
    problems = problems_of(link, api={**API, **moved})
    assert list(problems) == [f"inputs.BACK.{path}"]
    assert reason in problems[f"inputs.BACK.{path}"]


def test_another_domain_may_be_meant() -> None:
    link = StackLink(BACKEND, "api", domain="staging")
    assert caller(link, api={**API, "domain": "staging"}).app("web")["inputs.BACK.domain"] == "staging"


def test_another_control_plane_is_refused() -> None:
    elsewhere = {**API, "controlPlane": {**PLANE, "endpoint": "https://flyte.example.com"}}
    assert "is on another control plane" in problems_of(StackLink(BACKEND, "api"), api=elsewhere)["inputs.BACK"]


def test_a_short_name_of_a_stack_is_refused() -> None:
    assert "organization/project/stack" in problems_of(StackLink("dev", "api"))["inputs.BACK.stack"]


def test_two_consumers_ask_once() -> None:
    def declare() -> None:
        environment = Environment("shop")
        for name in ("one", "two"):
            Task(name, environment=environment, image="t:1", command=["x"], interface=INTERFACE,
                 inputs={"back": StackLink(BACKEND, "api")})  # fmt: skip

    stack = run_program(declare, stacks={BACKEND: OUTPUTS})
    assert {stack.task(name)["inputs.back.name"] for name in ("one", "two")} == {"api"}
