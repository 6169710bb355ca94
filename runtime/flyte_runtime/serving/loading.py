"""Find the application that `module:attribute` names, or say in one sentence why it is not there."""

from __future__ import annotations

import importlib
import inspect
import sys
from pathlib import Path
from typing import Any

from flyte_runtime import compat
from flyte_runtime.errors import ServeError, nearest

__all__ = ["load"]


def load(source: str) -> Any:
    """The ASGI application at `source`, `module:attribute` (dots allowed on both sides), from the working directory.

    A function without parameters is called and gives the application. With `FLYTE_RUNTIME_COMPAT=1` the module may use
    the older spellings of Flyte's SDK (flyte_runtime.compat). Raises ServeError where the module or the
    attribute is missing or no application; an error of the module's own code comes through as it is.
    """
    module_name, colon, path = source.partition(":")
    if not (colon and module_name and path) or "/" in module_name or module_name.endswith(".py"):
        msg = f"{source!r} does not name an application: expected module:attribute, for example backend:app"
        raise ServeError(msg)
    here = str(Path.cwd())
    if here not in sys.path:
        sys.path.insert(0, here)
    compat.install_if_asked()
    found = _attribute(_module(module_name, here), module_name, path)
    if inspect.isfunction(found) and not inspect.signature(found).parameters:
        if inspect.iscoroutinefunction(found):
            msg = f"{source} is an async function without parameters: make it a plain one that returns the application"
            raise ServeError(msg)
        found = found()
    if not callable(found) or inspect.isclass(found):
        msg = f"{source} is a {type(found).__name__}, not an ASGI application (FastAPI, Starlette, or async callable)"
        raise ServeError(msg)
    return found


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
