"""Specifications and plans of arguments, as App and Task make them."""

from __future__ import annotations

from typing import Any, TypeVar

from pulumi_flyte.arguments.app import AppArguments
from pulumi_flyte.arguments.declaration import Declaration
from pulumi_flyte.arguments.task import TaskArguments
from pulumi_flyte.platforms import platform_of, stand_in_variables
from pulumi_flyte.platforms.flyte_api.app import FlyteAppPlan
from pulumi_flyte.platforms.flyte_api.task import FlyteTaskPlan
from pulumi_flyte.problems import Problems
from pulumi_flyte.settings import Settings
from pulumi_flyte.wiring.edge import Edges
from pulumi_flyte.workload.app_builder import app_spec
from pulumi_flyte.workload.app_spec import AppSpec
from pulumi_flyte.workload.site import Site
from pulumi_flyte.workload.task_builder import task_spec
from pulumi_flyte.workload.task_spec import TaskSpec

D = TypeVar("D", bound=Declaration)
LOCAL = Settings(platform="local", project="shop")


def build_app(arguments: dict[str, Any], settings: Settings = LOCAL, edges: Edges | None = None) -> AppSpec:
    """The specification of the app `web`, for arguments without a problem."""
    problems = Problems()
    spec = app_spec(_checked(AppArguments, arguments, problems), _site("web", settings, edges), problems)
    assert not problems, [str(problem) for problem in problems]
    return spec


def app_problems(arguments: dict[str, Any], settings: Settings = LOCAL) -> list[str]:
    """The paths of the problems of the app `web`."""
    problems = Problems()
    app_spec(_checked(AppArguments, arguments, problems), _site("web", settings, None), problems)
    return [problem.path for problem in problems]


def build_task(arguments: dict[str, Any], settings: Settings = LOCAL, edges: Edges | None = None) -> TaskSpec:
    """The specification of the task `count`, for arguments without a problem."""
    problems = Problems()
    spec = task_spec(_checked(TaskArguments, arguments, problems), _site("count", settings, edges), problems)
    assert not problems, [str(problem) for problem in problems]
    return spec


def task_problems(arguments: dict[str, Any], settings: Settings = LOCAL) -> list[str]:
    """The paths of the problems of the task `count`."""
    problems = Problems()
    task_spec(_checked(TaskArguments, arguments, problems), _site("count", settings, None), problems)
    return [problem.path for problem in problems]


def plan_app(arguments: dict[str, Any], settings: Settings = LOCAL, edges: Edges | None = None) -> FlyteAppPlan:
    """The plan of the app `web`."""
    plan = platform_of(settings).plan_app(build_app(arguments, settings, edges), settings)
    assert isinstance(plan, FlyteAppPlan)
    return plan


def plan_task(arguments: dict[str, Any], settings: Settings = LOCAL, edges: Edges | None = None) -> FlyteTaskPlan:
    """The plan of the task `count`."""
    plan = platform_of(settings).plan_task(build_task(arguments, settings, edges), settings)
    assert isinstance(plan, FlyteTaskPlan)
    return plan


def _site(name: str, settings: Settings, edges: Edges | None) -> Site:
    return Site(name, settings, edges or Edges(), stand_in_variables(settings))


def _checked(kind: type[D], arguments: dict[str, Any], problems: Problems) -> D:
    return kind.collect(problems, environment=LOCAL.as_dict(), **arguments)
