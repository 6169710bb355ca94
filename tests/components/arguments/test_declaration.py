"""A declaration: every problem at once with its path, the same in all forms that a value has."""

from __future__ import annotations

import asyncio

import pulumi
import pytest
from pulumi_flyte.arguments.app import AppArguments
from pulumi_flyte.arguments.app_domain import AppDomain
from pulumi_flyte.arguments.console_link import ConsoleLink
from pulumi_flyte.arguments.declaration import check, crossing
from pulumi_flyte.arguments.environment import EnvironmentArguments
from pulumi_flyte.arguments.image import Image
from pulumi_flyte.arguments.resources import Resources
from pulumi_flyte.arguments.scaling import Scaling
from pulumi_flyte.arguments.secret import SecretArguments
from pulumi_flyte.arguments.task import TaskArguments
from pulumi_flyte.problems import Problems

from tests.components.arguments.checks import paths, right

WRONG = {
    "environment": "shop",
    "port": "http",
    "resources": {"cpus": 1, "memory": "lots"},
    "scaling": Scaling(replicas=(3, 1), concurrency=1, request_rate=1),
    "health": {"path": "healthz", "timeout": -1},
    "timeouts": {"request": 4000},
    "console_links": [{"path": "/docs"}, {"path": 3, "titel": "API"}],
    "domain": "shop.example.com",
    "image": Image(packages=["cowsay", "--index-url x"]),
    "command": "python x.py",
    "env": {"A-B": "x", "C": 3, "D": None},
    "requires_auth": "yes",
    "auth_rotation": "june",
}


def test_every_problem_comes_at_once_with_its_path() -> None:
    assert set(paths(AppArguments, WRONG)) == {
        *("port", "resources.cpus", "resources.memory", "scaling", "scaling.replicas", "health.path"),
        *("health.timeout", "timeouts.request", "console_links.1.path", "console_links.1.titel", "domain"),
        *("image.packages.1", "command", "env.A-B", "env.C", "env.D", "requires_auth", "auth_rotation"),
    }


def test_what_is_right_is_there_beside_the_problems() -> None:
    arguments = {"environment": "shop", "port": 0, "name": "web", "env": {"A": "b", "A-B": "c"}}
    declared, problems = check(AppArguments, arguments)
    assert [problem.path for problem in problems] == ["port", "env.A-B"]
    assert declared is not None
    assert (declared.name, declared.port, declared.env) == ("web", None, {"A": "b"})


def test_an_unknown_key_is_said_with_the_nearest_one() -> None:
    problems = check(Resources, {"mem": "1Gi"})[1]
    assert str(problems[0]) == "mem: unknown resource: did you mean 'memory'?"


def test_a_required_value_is_said_where_it_is_missing_and_not_where_it_is_wrong() -> None:
    assert paths(ConsoleLink, {"title": "API"}) == ["path"]
    assert paths(ConsoleLink, {"path": 3}) == ["path"]


@pytest.mark.parametrize(
    "value",
    [
        {"subdomain": "shop", "custom_domain": "shop.example.com"},
        {"subdomain": "shop", "customDomain": "shop.example.com"},
        AppDomain(subdomain="shop", custom_domain="shop.example.com"),
    ],
)
def test_a_value_is_the_same_in_all_its_forms(value: object) -> None:
    declared = right(AppDomain, value)
    assert declared == AppDomain(subdomain="shop", custom_domain="shop.example.com")
    assert crossing(declared) == {"subdomain": "shop", "customDomain": "shop.example.com"}


def test_none_is_not_given() -> None:
    assert right(Resources, {"cpu": None}) == Resources()
    assert crossing(right(EnvironmentArguments, {"platform": None, "env": {"A": "b"}})) == {"env": {"A": "b"}}


async def _outputs_stay_as_they_are() -> None:
    image, word = pulumi.Output.from_input("x:1"), pulumi.Output.from_input("serve")
    declared = right(TaskArguments, {"environment": "shop", "image": image, "command": ["go", word]})
    assert declared.image is image
    assert crossing(declared)["command"] == ["go", word]


def test_outputs_stay_as_they_are() -> None:
    asyncio.run(_outputs_stay_as_they_are())


def test_the_value_of_a_secret_is_in_no_message() -> None:
    problems = Problems()
    SecretArguments.collect(problems, environment="shop", value=["a-secret-value"])
    assert [problem.path for problem in problems] == ["value"]
    assert "a-secret-value" not in str(problems.entries[0])


def test_a_value_prints_what_is_set_and_no_secret() -> None:
    assert repr(Resources(cpu="1")) == "Resources(cpu='1')"
    assert "a-secret-value" not in repr(right(SecretArguments, {"environment": "shop", "value": "a-secret-value"}))
