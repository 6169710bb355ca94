"""Find the application that `module:attribute` names, or say in one sentence why it is not there."""

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
    """The ASGI application at `source`, `module:attribute` (dots allowed on both sides), from the working directory.

    With `FLYTE_RUNTIME_COMPAT=1` the module may use the older spellings of Flyte's SDK (flyte_runtime.compat). Raises
    ServeError where the module or the attribute is missing or no application; an error of the module's own code comes
    through as it is.
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


def application_of(found: Any, name: str) -> Any:
    """`found`, or what it gives where it is a function that can be called without arguments.

    Raises ServeError where that takes no `(scope, receive, send)`, as every ASGI 3 application does.
    """
    if inspect.isfunction(found) and _needs_nothing(found):
        if inspect.iscoroutinefunction(found):
            if _takes(found, 3):
                return found
            msg = f"{name} is an async function without parameters: make it a plain one that returns the application"
            raise ServeError(msg)
        found = found()
        name = f"what {name} returns"
    if not callable(found) or inspect.isclass(found):
        msg = f"{name} is a {type(found).__name__}, not an ASGI application (FastAPI, Starlette, or async callable)"
        raise ServeError(msg)
    if not _takes(found, 3):
        msg = f"{name} takes no (scope, receive, send), so it is no ASGI application"
        if _takes(found, 2):
            msg = (
                f"{name} takes two arguments, as a WSGI application does (Flask, Django): serve"
                " a2wsgi.WSGIMiddleware(application) (pip install a2wsgi), or asgiref.wsgi.WsgiToAsgi(application)"
            )
        raise ServeError(msg)
    return found


def _needs_nothing(function: Any) -> bool:
    """Whether it is a factory. One of `*arguments` may be an application, wrapped by a decorator."""
    parameters = inspect.signature(function).parameters.values()
    return all(each.kind is each.VAR_KEYWORD or each.default is not each.empty for each in parameters)


def _takes(application: Any, arguments: int) -> bool:
    try:
        inspect.signature(application).bind(*range(arguments))
    except TypeError:
        return False
    except ValueError:  # of something built in, which does not say what it takes
        return True
    return True


def _module(name: str, here: str) -> Any:
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        # Only the module asked for, or one of its parents: an import inside it that fails is its author's to see.
        if error.name is None or not f"{name}.".startswith(f"{error.name}."):
            raise
        files = {path.stem for path in Path(here).glob("*.py")}
        msg = f"there is no module {error.name!r} in {here} or on the Python path{nearest(error.name, files)}"
        raise ServeError(msg) from None


def _attribute(module: Any, module_name: str, path: str) -> Any:
    found = module
    for part in path.split("."):
        try:
            found = getattr(found, part)
        except AttributeError:
            names = [name for name, value in vars(module).items() if callable(value) and not name.startswith("_")]
            msg = f"module {module_name!r} ({getattr(module, '__file__', '?')}) has no attribute {path!r}"
            raise ServeError(msg + nearest(part, names)) from None
    return found
