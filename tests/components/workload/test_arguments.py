"""Each mistake in an edge or a variable is a problem with its path. This holds for values of every type."""

from __future__ import annotations

from typing import Any

import pytest
from pulumi_flyte.environment import settings_of
from pulumi_flyte.links import AppEndpoint, AppLink, Link, TaskRef
from pulumi_flyte.platforms import flyte
from pulumi_flyte.problems import Problems
from pulumi_flyte.settings import Settings
from pulumi_flyte.source.description import Description, SourceImage, StockImage
from pulumi_flyte.wiring.consumer import Consumer
from pulumi_flyte.wiring.resolution import resolve
from pulumi_flyte.workload.container import Container, ImageChoice

from tests.components.workload.specs import plan_task, task_problems

APP = AppLink("shop", "development", "backend", "http://b")
SETTINGS = Settings(platform="flyte", project="shop", service_account="robot")
CONSUMER = Consumer("App", "web", SETTINGS)


@pytest.mark.parametrize(
    ("inputs", "path"),
    [
        ({"a": "x", "A": "y"}, "inputs.A"),
        ({"a": Link(APP, retries="abc")}, "inputs.a.retries"),  # type: ignore[arg-type]
        ({"a": Link(TaskRef("words.count"), retries=3)}, "inputs.a.retries"),
        ({"a": Link({"task": "words.count"}, retries=3)}, "inputs.a.retries"),
        ({"a": Link(AppEndpoint("B"))}, "inputs.a.name"),
        ({"a": Link("http://x", timeout=3)}, "inputs.a"),  # type: ignore[arg-type]
        ({"a": AppEndpoint("b", project="Bad Project!")}, "inputs.a.project"),
        ({"a": AppEndpoint(5)}, "inputs.a.name"),  # type: ignore[arg-type]
        ({"a": {"kind": "app"}}, "inputs.a"),
        ({"a": {"something": "else"}}, "inputs.a"),
    ],
)
def test_a_bad_edge_is_a_problem_with_its_path(inputs: Any, path: str) -> None:
    problems = Problems()
    resolve(inputs, None, CONSUMER, problems)
    assert [problem.path for problem in problems] == [path]


@pytest.mark.parametrize(
    "environment", [{"platform": 5, "project": "p"}, {"platform": "local", "project": 5}, {"x": 1}]
)
def test_what_is_no_environment_is_a_problem(environment: Any) -> None:
    problems = Problems()
    settings_of(environment, problems)
    assert problems.entries


def test_an_environments_service_account_reaches_a_container_task() -> None:
    properties = plan_task({"image": "x:1", "command": ["c"], "interface": {}}, SETTINGS).properties()
    security = properties["template"]["taskTemplate"]["securityContext"]
    assert security == {"runAs": {"k8sServiceAccount": "robot"}}


def test_an_input_of_an_unknown_type_is_said_once() -> None:
    daily = {"cron": "@daily", "inputs": {"n": 3}}
    arguments = {
        "image": "x:1",
        "command": ["c"],
        "interface": {"inputs": {"n": "integer"}},
        "triggers": {"daily": daily},
    }
    assert task_problems(arguments, SETTINGS) == ["interface.inputs.n"]


@pytest.mark.parametrize(
    ("argument", "own", "default", "chosen"),
    [
        ("a:1", SourceImage("s:1"), "e:1", "a:1"),
        (None, SourceImage("s:1"), "e:1", "s:1"),
        (None, None, "e:1", "e:1"),
        (None, None, None, "stock:1"),
    ],
)
def test_an_image_is_the_arguments_the_sources_the_environments_or_flytes(
    argument: str | None, own: SourceImage | None, default: str | None, chosen: str
) -> None:
    description = Description(image=own, stock_image=StockImage("stock:1"))
    container = Container(image=ImageChoice.of(argument, description, default))
    plan = flyte.planned_image(container, SETTINGS, "web")
    assert (plan.reference, plan.problems, plan.build) == (chosen, (), None)
