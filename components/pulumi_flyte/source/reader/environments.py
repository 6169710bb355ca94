"""Everything that some modules define for Flyte, found as `flyte deploy --all` finds it (flyte `cli/_deploy.py`): the
environments that exist once the modules are imported, and those that they depend on."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from . import flyte_internals
from .attributes import resolve
from .distributions import missing_from_stock, stock_image
from .endpoints import endpoints_of, functions_of
from .flyte_objects import Json, as_app_environment, as_task
from .import_path import Locator
from .importing import Refusal, load
from .inspection import namespace_of
from .modules import Imports
from .needed import Code
from .watching import Watch

Problems = list[tuple[str, str]]


def discover(request: Json, locator: Locator, imports: Imports, watch: Watch) -> Json:
    """`workloads` in the order of their environments, `problems` as pairs of place and reason, and all `files`, `read`,
    `listed` and `absent` that took part; `volatile` where the platform was asked. With an `attribute`, only that
    environment and what it depends on."""
    root = locator.root
    problems: Problems = []
    environments = load_all(request, root, problems)
    if problems:  # what half of the modules define would only mislead
        environments = []
    modules = {name: os.path.relpath(path, root) for name, path in locator.loaded().items()}
    found: list[Json] = []
    for environment in reachable(environments, problems, modules):
        for value in members(environment, problems):
            try:
                found.append(described(value, environment, request, modules))
            except Refusal as refusal:
                problems.append((value.name, str(refusal)))
    watch.end()
    code = Code(locator, imports, watch, request["modules"])
    absent = set(watch.missing)
    listed = set(watch.listed)
    files = {path: path for path in modules.values()}
    for workload in found:
        needed = code.needed_by(workload["module"])
        workload |= needed.as_json()
        absent |= needed.absent
        listed |= needed.listed
        files |= workload["files"]
        workload["stock_image"], workload["missing_from_stock"] = stock_image(), missing_from_stock(root, workload)
    return {
        "workloads": found,
        "problems": problems,
        "files": files,
        "read": sorted(watch.opened),
        "listed": sorted(listed),
        "absent": sorted(absent),
        "volatile": any(each.get("volatile") for each in found),
    }


def load_all(request: Json, root: Path, problems: Problems) -> list[Any]:
    """Imports the modules; the environments that came to be, or the one that was asked for."""
    before = len(flyte_internals.environments())
    for module in request["modules"]:
        try:
            load(module, root)
        except Refusal as refusal:
            problems.append((module, str(refusal)))
    made = flyte_internals.environments()[before:]
    if not request["attribute"] or problems:
        return made
    [module] = request["modules"]
    chosen = resolve(sys.modules[module], request["attribute"], module)
    if not any(each is chosen for each in flyte_internals.environments()):
        raise Refusal(f"{request['attribute']!r} is of type {type(chosen).__name__}, not a Flyte environment")
    return [chosen]


def reachable(environments: Iterable[Any], problems: Problems, modules: dict[str, str]) -> Iterator[Any]:
    """The environments and what they depend on, each once. Two of one name are a problem."""
    named: dict[str, Any] = {}
    waiting = list(environments)
    while waiting:
        environment = waiting.pop(0)
        other = named.get(environment.name)
        if other is None:
            named[environment.name] = environment
            waiting += environment.depends_on
            yield environment
        elif other is not environment:
            places = " and ".join(":".join(origin(each, each, modules)) for each in (other, environment))
            problems.append((environment.name, f"two environments have this name, {places}: rename one of them"))


def members(environment: Any, problems: Problems) -> list[Any]:
    """What is deployed of an environment: an app itself, the tasks of the others."""
    from flyte import TaskEnvironment
    from flyte.app import AppEnvironment

    if isinstance(environment, AppEnvironment):
        return [environment]
    if isinstance(environment, TaskEnvironment):
        return list(environment.tasks.values())
    kind = type(environment).__name__
    problems.append((environment.name, f"a {kind} cannot be declared: only TaskEnvironment and AppEnvironment can"))
    return []


def described(value: Any, environment: Any, request: Json, modules: dict[str, str]) -> Json:
    """As a source that is read alone, with where it is and the apps that it names."""
    root = Path(request["root"])
    module, attribute = origin(value, environment, modules)
    place = {"module": module, "attribute": attribute, "environment": environment.name}
    if value is environment:
        found = {"kind": "app_environment", **(as_app_environment(value, request) or {})}
        return {**found, **place, "endpoints": endpoints_of(environment, functions_of(environment), root)}
    found = {"kind": "task", **(as_task(value, request) or {})}
    return {**found, **place, "endpoints": endpoints_of(environment, [getattr(value, "func", None)], root)}


def origin(value: Any, environment: Any, modules: dict[str, str]) -> tuple[str, str]:
    """The module and the name in it. Several modules may hold a value: the one that makes it is meant."""
    own = getattr(getattr(value, "func", None), "__module__", None)
    declaring = flyte_internals.declaring_file(environment) or ""
    for module in sorted(modules, key=lambda name: (name != own, not declaring.endswith(f"/{modules[name]}"), name)):
        for attribute, held in namespace_of(sys.modules[module]).items():
            if held is value:
                return module, attribute
    return own or environment.name, value.name.rpartition(".")[2]
