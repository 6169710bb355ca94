"""The namespaces that one run of a program has declared so far, each with its resource if the program makes it."""

from __future__ import annotations

import weakref
from collections.abc import Mapping

import pulumi
from pulumi.runtime import settings as runtime_settings

_Namespaces = dict[str, pulumi.Resource | None]
_declared: weakref.WeakKeyDictionary[object, _Namespaces] = weakref.WeakKeyDictionary()


def remember(name: str, resource: pulumi.Resource | None) -> None:
    """Remember a namespace. `resource` is None where others keep it."""
    _run()[name] = resource


def declared() -> Mapping[str, pulumi.Resource | None]:
    """Return the namespaces that the run has declared so far."""
    return _run()


def _run() -> _Namespaces:
    run = runtime_settings.get_monitor()
    return {} if run is None else _declared.setdefault(run, {})
