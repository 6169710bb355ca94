"""Loads the application that `module:attribute` names, or says in one sentence why it is not there."""

from __future__ import annotations

import importlib
import inspect
import sys
from pathlib import Path
from typing import Any

from flyte_runtime import compat
from flyte_runtime.errors import ServeError, nearest

__all__ = ["application_of", "load"]


def load(source: str) -> Any:
    """Return the ASGI application at `source`, `module:attribute`, from the working directory.

    Module and attribute may have dots. With `FLYTE_RUNTIME_COMPAT=1` the module may use the older spellings of Flyte's
    SDK (flyte_runtime.compat).

    Raises ServeError if the module or the attribute is missing, or is not an application. Errors that the module's code
    raises are not changed.
    """
    module_name, colon, path = source.partition(":")
    if not (colon and module_name and path) or "/" in module_name or module_name.endswith(".py"):
        msg = f"{source!r} does not name an application: expected module:attribute, for example backend:app"
        raise ServeError(msg)
    here = str(Path.cwd())
    if here not in sys.path:
        sys.path.insert(0, here)
    compat.install_if_asked()
    return application_of(_attribute(_module(module_name, here), module_name, path), source)


def application_of(target: Any, name: str) -> Any:
    """Return `target`, or the result of calling it if it is a function that needs no arguments.

    Raises ServeError if the result is not an ASGI 3 application, which takes `(scope, receive, send)`.
    """
    if inspect.isfunction(target) and _is_factory(target):
        if inspect.iscoroutinefunction(target):
            if _takes(target, 3):
                return target
            msg = f"{name} is an async function without parameters: make it a plain one that returns the application"
            raise ServeError(msg)
        target = target()
        name = f"the result of {name}"
    if not callable(target) or inspect.isclass(target):
        msg = f"{name} is a {type(target).__name__}, not an ASGI application (FastAPI, Starlette, or async callable)"
        raise ServeError(msg)
    if not _takes(target, 3):
        msg = f"{name} does not take (scope, receive, send), so it is not an ASGI application"
        if _takes(target, 2):
            msg = (
                f"{name} takes two arguments, as a WSGI application does (Flask, Django): serve"
                " a2wsgi.WSGIMiddleware(application) (pip install a2wsgi), or asgiref.wsgi.WsgiToAsgi(application)"
            )
        raise ServeError(msg)
    return target


def _is_factory(function: Any) -> bool:
    """Check that a function needs no arguments. One with `*arguments` may be a decorated application, so it does not
    count."""
    parameters = inspect.signature(function).parameters.values()
    return all(each.kind is each.VAR_KEYWORD or each.default is not each.empty for each in parameters)


def _takes(application: Any, arguments: int) -> bool:
    try:
        inspect.signature(application).bind(*range(arguments))
    except TypeError:
        return False
    except ValueError:  # a built-in callable without a signature
        return True
    return True


def _module(name: str, here: str) -> Any:
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        # Only for the module itself or one of its parents. A failed import inside the module needs its traceback.
        if error.name is None or not f"{name}.".startswith(f"{error.name}."):
            raise
        files = {path.stem for path in Path(here).glob("*.py")}
        msg = f"there is no module {error.name!r} in {here} or on the Python path{nearest(error.name, files)}"
        raise ServeError(msg) from None


def _attribute(module: Any, module_name: str, path: str) -> Any:
    target = module
    for part in path.split("."):
        try:
            target = getattr(target, part)
        except AttributeError:
            names = [name for name, value in vars(module).items() if callable(value) and not name.startswith("_")]
            msg = f"module {module_name!r} ({getattr(module, '__file__', '?')}) has no attribute {path!r}"
            raise ServeError(msg + nearest(part, names)) from None
    return target
