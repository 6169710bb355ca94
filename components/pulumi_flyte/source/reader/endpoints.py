"""Finds the apps that a workload names: `AppEndpoint` parameters, and code that reads `environment.endpoint`.

The code is looked through, not run: what its functions, and the local functions that these call, reach by global names
and closures. An endpoint that is reached in another way (a name built at run time) needs `depends_on`.
"""

from __future__ import annotations

import dis
import inspect
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any

from .flyte_internals import hooks
from .inspection import attribute_of, is_a, is_function, namespace_of

_UNKNOWN = object()
_NAMES = {"LOAD_GLOBAL", "LOAD_NAME", "LOAD_DEREF"}
_ATTRIBUTES = {"LOAD_ATTR", "LOAD_METHOD"}
# What the compiler puts between a name and its attribute.
_BETWEEN = {"PUSH_NULL", "CACHE", "NOP"}


def endpoints_of(environment: Any, functions: Iterable[Any], root: Path) -> list[str]:
    """Return the names of the apps, sorted, without the environment's own."""
    from flyte.app import AppEndpoint

    parameters = getattr(environment, "parameters", ())
    declared = {each.value.app_name for each in parameters if isinstance(each.value, AppEndpoint)}
    return sorted((declared | set(_read_by(functions, root))) - {environment.name})


def functions_of(environment: Any) -> Iterator[Any]:
    """Yield the functions of an app environment: its hooks, and the handlers of its FastAPI application."""
    yield from hooks(environment)
    router = attribute_of(attribute_of(environment, "app"), "router")
    yield attribute_of(router, "lifespan_context")
    routes = attribute_of(router, "routes")
    for route in routes if is_a(routes, list) else ():
        yield attribute_of(route, "endpoint")
        yield from _dependencies(attribute_of(route, "dependant"))


def _dependencies(dependant: Any) -> Iterator[Any]:
    for each in attribute_of(dependant, "dependencies", ()):
        yield each.call
        yield from _dependencies(each)


def _read_by(functions: Iterable[Any], root: Path) -> Iterator[str]:
    waiting = list(functions)
    visited: set[CodeType] = set()
    while waiting:
        function = _plain(waiting.pop())
        if function is None or function.__code__ in visited or not function.__code__.co_filename.startswith(f"{root}/"):
            continue
        visited.add(function.__code__)
        for owner, attribute in _reached(function.__code__, _scope(function)):
            if attribute == "endpoint" and _is_app(owner):
                yield owner.name
            elif attribute is None:
                waiting.append(owner)


def _plain(value: Any) -> FunctionType | None:
    """Return the function behind a decorator or a bound method."""
    try:
        value = inspect.unwrap(value) if callable(value) else value
    except Exception:  # it answers `__wrapped__` by code of its own
        return None
    value = attribute_of(value, "__func__", value)
    return value if is_a(value, FunctionType) else None


def _scope(function: FunctionType) -> dict[str, Any]:
    scope = dict(function.__globals__)
    for name, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=True):
        try:
            scope[name] = cell.cell_contents
        except ValueError:  # not assigned yet
            scope.pop(name, None)
    return scope


def _reached(code: CodeType, scope: dict[str, Any]) -> Iterator[tuple[Any, str | None]]:
    """`(app, "endpoint")` for each `app.endpoint`, and `(function, None)` for each function that the code names."""
    value: Any = _UNKNOWN
    for instruction in dis.get_instructions(code):
        if instruction.opname in _NAMES:
            value = scope.get(instruction.argval, _UNKNOWN)
        elif instruction.opname in _ATTRIBUTES and value is not _UNKNOWN:
            yield value, instruction.argval
            # Only modules are looked into: an attribute of anything else may run code.
            value = namespace_of(value).get(instruction.argval, _UNKNOWN)
        elif instruction.opname not in _BETWEEN:
            value = _UNKNOWN
        if is_function(value):
            yield value, None
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _reached(constant, {**scope, **dict.fromkeys(constant.co_varnames, _UNKNOWN)})


def _is_app(value: Any) -> bool:
    from flyte.app import AppEnvironment

    return is_a(value, AppEnvironment)
