"""Describes the attribute that a source names."""

from __future__ import annotations

import contextlib
import difflib
import inspect
import sys
from types import FunctionType, ModuleType
from typing import Any

from .flyte_objects import Json, as_app_environment, as_task
from .importing import Refusal
from .inspection import attribute_of, error_text, is_a, namespace_of, text
from .openapi import api_of
from .request import Request


def resolve(module: Any, attribute: str, name: str) -> Any:
    value = module
    for part in attribute.split("."):
        try:
            value = getattr(value, part)
        except AttributeError:
            public = [each for each, member in namespace_of(module).items() if is_own(each, member, name)]
            close = difflib.get_close_matches(attribute, public, n=1, cutoff=0.5)
            hint = (
                f"did you mean {close[0]!r}?" if close else f"it defines: {', '.join(sorted(public)[:12]) or 'nothing'}"
            )
            raise Refusal(f"module {name!r} has no attribute {attribute!r}: {hint}") from None
        except Exception as error:
            raise Refusal(f"reading {attribute!r} of {name!r} raised {error_text(error)}") from None
    return value


def is_own(name: str, value: Any, module: str) -> bool:
    """Check whether a module defines a value, rather than imports it."""
    if text(name) is None or name.startswith("_") or is_a(value, ModuleType):
        return False
    return not (is_a(value, type) or is_a(value, FunctionType)) or attribute_of(value, "__module__") == module


def describe(value: Any, request: Request) -> Json:
    for kind, match in (("task", as_task), ("app_environment", as_app_environment)):
        description = match(value, request)
        if description is not None:
            return {"kind": kind, **description}
    if is_task_environment(value):
        raise Refusal(f"{request.attribute!r} is a TaskEnvironment: name one of its tasks, such as file.py:function")
    name = repr(request.attribute)
    if is_factory(value):
        value, name = made_by(value, name), f"what {name} returns"
    if is_asgi(value):
        return {"kind": "asgi", "api": api_of(value)}
    needed = needed_by(value)
    if needed and not hint_for(value):
        raise Refusal(
            f"{name} takes {', '.join(needed)}, and a function that returns one is called without arguments:"
            " give defaults, or name the application itself"
        )
    raise Refusal(
        f"{name} is of type {type(value).__name__}: a source is an ASGI application (FastAPI, Starlette), a function"
        f" without parameters that returns one, a Flyte AppEnvironment or a Flyte task{hint_for(value)}"
    )


def is_factory(value: Any) -> bool:
    """Check for a function that the container's server calls to get the application (flyte_runtime serving/loading)."""
    if not is_a(value, FunctionType) or (is_asgi(value) and inspect.iscoroutinefunction(value)):
        return False
    return not needed_by(value)


def needed_by(function: Any) -> list[str]:
    """Return the parameters that a call must give. Empty for everything that is not a function."""
    if not is_a(function, FunctionType):
        return []
    parameters = inspect.signature(function).parameters.values()
    return [str(each) for each in parameters if each.kind is not each.VAR_KEYWORD and each.default is each.empty]


def made_by(factory: Any, name: str) -> Any:
    """Call a factory as the container will, so that the preview meets what fails in it."""
    if inspect.iscoroutinefunction(factory):
        raise Refusal(
            f"{name} is an async function without parameters: make it a plain one that returns the application"
        )
    try:
        return factory()
    except SystemExit as stop:
        raise Refusal(f"calling {name} ended with sys.exit({stop.code!r})") from None
    except Exception as error:
        raise Refusal(f"calling {name} raised {error_text(error)}") from None


def hint_for(value: Any) -> str:
    """Return the way out for a WSGI application. Empty for everything else."""
    with contextlib.suppress(Exception):
        inspect.signature(value).bind("environ", "start_response")
        return ". A WSGI application (Flask, Django) is one inside a2wsgi.WSGIMiddleware(application)"
    return ""


def is_task_environment(value: Any) -> bool:
    kind: Any = namespace_of(sys.modules.get("flyte")).get("TaskEnvironment")
    return is_a(kind, type) and is_a(value, kind)


def is_asgi(value: Any) -> bool:
    """Check for a callable that takes `(scope, receive, send)`, as every ASGI 3 application does."""
    if is_a(value, type) or not callable(value):
        return False
    with contextlib.suppress(Exception):  # code of the object's own may answer for its signature
        inspect.signature(value).bind("scope", "receive", "send")
        return True
    return False
