"""From the attribute that a source names to what it is."""

from __future__ import annotations

import contextlib
import difflib
import inspect
import sys
from typing import Any

from .flyte_objects import Json, as_app_environment, as_task
from .importing import Refusal


def resolve(module: Any, attribute: str, name: str) -> Any:
    value = module
    for part in attribute.split("."):
        if not hasattr(value, part):
            public = [known for known, held in vars(module).items() if is_own(known, held, name)]
            close = difflib.get_close_matches(attribute, public, n=1, cutoff=0.5)
            hint = (
                f"did you mean {close[0]!r}?" if close else f"it defines: {', '.join(sorted(public)[:12]) or 'nothing'}"
            )
            raise Refusal(f"module {name!r} has no attribute {attribute!r}: {hint}")
        value = getattr(value, part)
    return value


def is_own(name: str, value: Any, module: str) -> bool:
    """Whether a module defines it, rather than imports it."""
    if name.startswith("_") or inspect.ismodule(value):
        return False
    return not (inspect.isclass(value) or inspect.isfunction(value)) or value.__module__ == module


def describe(value: Any, request: Json) -> Json:
    for kind, match in (("task", as_task), ("app_environment", as_app_environment)):
        described = match(value, request)
        if described is not None:
            return {"kind": kind, **described}
    if is_task_environment(value):
        raise Refusal(f"{request['attribute']!r} is a TaskEnvironment: name one of its tasks, such as file.py:function")
    if is_asgi(value):
        return {"kind": "asgi"}
    raise Refusal(
        f"{request['attribute']!r} is of type {type(value).__name__}: a source is an ASGI application "
        "(FastAPI, Starlette), a Flyte AppEnvironment or a Flyte task"
    )


def is_task_environment(value: Any) -> bool:
    flyte = sys.modules.get("flyte")
    return flyte is not None and isinstance(value, flyte.TaskEnvironment)


def is_asgi(value: Any) -> bool:
    if inspect.isclass(value) or not callable(value):
        return False
    call = value if inspect.isfunction(value) else type(value).__call__
    with contextlib.suppress(TypeError, ValueError):
        parameters = [p for p in inspect.signature(call).parameters.values() if p.name != "self"]
        positional = [p for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
        return len(positional) == 3
    return False
