"""Looks at objects of the user's code without running it.

`sys.modules` may hold anything: cffi's libraries claim to be modules through `__class__`, configuration objects answer
every attribute. `isinstance` and `getattr` ask the object itself. The functions here ask its type.
"""

from __future__ import annotations

from types import FunctionType, MethodType, ModuleType
from typing import Any, cast

_NAMESPACE: Any = vars(ModuleType)["__dict__"]


def namespace_of(module: object) -> dict[str, Any]:
    """Return the namespace of a module. It is empty for an object that only claims to be a module."""
    if not is_a(module, ModuleType):
        return {}
    namespace: dict[str, Any] | None = _NAMESPACE.__get__(module)
    return namespace or {}


def is_a(value: object, kind: type) -> bool:
    """Check the type of an object without asking its `__class__`, which may be overridden."""
    return issubclass(type(value), kind)


def is_function(value: object) -> bool:
    """Check for a Python function or a bound method."""
    return is_a(value, FunctionType) or is_a(value, MethodType)


def attribute_of(value: object, name: str, default: Any = None) -> Any:
    """Return an attribute, or the default if the object has none or its own code fails."""
    try:
        return getattr(value, name, default)
    except Exception:
        return default


def text(value: object) -> str | None:
    """Return a string of the user's as a plain string, and None for every other value."""
    return str.__str__(cast(str, value)) if is_a(value, str) else None


def error_text(error: BaseException) -> str:
    """Return the kind of an error of the user's code and its text, if any: `TimeoutError`, `KeyError: 'x'`."""
    try:
        content = str(error).strip()
    except Exception:  # its own code fails
        content = ""
    return f"{type(error).__name__}: {content}" if content else type(error).__name__
