"""Everything that some modules define for Flyte, found as `flyte deploy --all` finds it (flyte `cli/_deploy.py`): the
environments that exist once the modules are imported, and those that they depend on."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from . import flyte_internals
from .attributes import resolve
from .distributions import missing_from_stock, stock_image
from .endpoints import endpoints_of, functions_of
from .flyte_objects import Json, as_app_environment, as_task
from .importing import Refusal, load
from .inspection import namespace_of
from .needed import Code
from .observation import Observation
from .request import Request

Problem = tuple[str, str]


def read_codebase(request: Request, observation: Observation) -> Json:
    """Return all workloads of a code base.

    The answer has `workloads` in the order of their environments, `problems` as pairs of place and reason, and all
    `files`, `read`, `listed` and `absent` that took part; `volatile` if the platform was asked. With an attribute, only
    that environment and what it depends on.
    """
    environments, problems = load_all(request)
    if problems:  # what half of the modules define would only mislead
        environments = []
    root, watch = request.root, observation.watch
    modules = {name: os.path.relpath(path, root) for name, path in observation.locator.loaded().items()}
    workloads: list[Json] = []
    for environment, namesake in reachable(environments):
        if namesake is not None:
            places = " and ".join(":".join(origin(each, each, modules)) for each in (namesake, environment))
            problems.append((environment.name, f"two environments have this name, {places}: rename one of them"))
            continue
        described, refused = describe_members(environment, request, modules)
        workloads += described
        problems += refused
    watch.end()
    code = Code(observation, request.modules)
    absent = set(watch.missing)
    listed = set(watch.listed)
    files = {path: path for path in modules.values()}
    for workload in workloads:
        needed = code.needed_by(workload["module"])
        workload |= needed.as_json()
        absent |= needed.absent
        listed |= needed.listed
        files |= needed.files
        workload["stock_image"], workload["missing_from_stock"] = stock_image(), missing_from_stock(root, needed.files)
    return {
        "workloads": workloads,
        "problems": problems,
        "files": files,
        "read": sorted(watch.opened),
        "listed": sorted(listed),
        "absent": sorted(absent),
        "volatile": any(each.get("volatile") for each in workloads),
    }


def load_all(request: Request) -> tuple[list[Any], list[Problem]]:
    """Import the modules. Return the environments that they make, or the requested one, and what failed."""
    before = len(flyte_internals.environments())
    problems: list[Problem] = []
    for module in request.modules:
        try:
            load(module, request.root)
        except Refusal as refusal:
            problems.append((module, str(refusal)))
    made = flyte_internals.environments()[before:]
    if not request.attribute or problems:
        return made, problems
    [module] = request.modules
    chosen = resolve(sys.modules[module], request.attribute, module)
    if not any(each is chosen for each in flyte_internals.environments()):
        raise Refusal(f"{request.attribute!r} is of type {type(chosen).__name__}, not a Flyte environment")
    return [chosen], problems


def reachable(environments: Iterable[Any]) -> Iterator[tuple[Any, Any | None]]:
    """Yield the environments and what they depend on, each once, and None.

    Another environment of the same name comes with the first one in place of None.
    """
    by_name: dict[str, Any] = {}
    waiting = list(environments)
    while waiting:
        environment = waiting.pop(0)
        first = by_name.get(environment.name)
        if first is None:
            by_name[environment.name] = environment
            waiting += environment.depends_on
            yield environment, None
        elif first is not environment:
            yield environment, first


def describe_members(
    environment: Any, request: Request, modules: Mapping[str, str]
) -> tuple[list[Json], list[Problem]]:
    """Describe what is deployed of an environment: an app itself, the tasks of the others."""
    from flyte import TaskEnvironment
    from flyte.app import AppEnvironment

    members: list[Any]
    if isinstance(environment, AppEnvironment):
        members = [environment]
    elif isinstance(environment, TaskEnvironment):
        members = list(environment.tasks.values())
    else:
        kind = type(environment).__name__
        reason = f"a {kind} cannot be declared: only TaskEnvironment and AppEnvironment can"
        return [], [(environment.name, reason)]
    workloads: list[Json] = []
    problems: list[Problem] = []
    for member in members:
        try:
            workloads.append(describe_member(member, environment, request, modules))
        except Refusal as refusal:
            problems.append((member.name, str(refusal)))
    return workloads, problems


def describe_member(member: Any, environment: Any, request: Request, modules: Mapping[str, str]) -> Json:
    """Describe an app or a task as a source that is read alone, with where it is and the apps that it names."""
    module, attribute = origin(member, environment, modules)
    if member is environment:
        kind, functions = "app_environment", list(functions_of(environment))
        description = as_app_environment(member, request)
    else:
        kind, functions = "task", [getattr(member, "func", None)]
        description = as_task(member, request)
    return {
        "kind": kind,
        **(description or {}),
        "module": module,
        "attribute": attribute,
        "environment": environment.name,
        "endpoints": endpoints_of(environment, functions, request.root),
    }


def origin(value: Any, environment: Any, modules: Mapping[str, str]) -> tuple[str, str]:
    """Return the module of a value and its name there: the one that makes the value, if several modules hold it."""
    maker = getattr(getattr(value, "func", None), "__module__", None)
    declaring = flyte_internals.declaring_file(environment) or ""
    for module in sorted(modules, key=lambda name: (name != maker, not declaring.endswith(f"/{modules[name]}"), name)):
        for attribute, member in namespace_of(sys.modules[module]).items():
            if member is value:
                return module, attribute
    return maker or environment.name, value.name.rpartition(".")[2]
