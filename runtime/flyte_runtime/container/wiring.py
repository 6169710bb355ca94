"""The container's wiring: the `FLYTE_WIRING` document, or the variables of the aliases if there is no document.

The document is parsed again when the variable changes, so tests may change it at any time.
"""

from __future__ import annotations

import os
from functools import lru_cache
from typing import NoReturn

from flyte_runtime.contract import WIRING_VARIABLE, AppInput, Input, TaskInput, Wiring, parse_task_reference
from flyte_runtime.contract import is_alias as is_alias
from flyte_runtime.contract import variable_name as variable_name
from flyte_runtime.errors import BadWiring, NotWired, UnknownAlias, WrongKind, nearest

__all__ = ["app_input", "current", "task_input"]

_KIND_NAMES = {"app": "an app", "task": "a task", "value": "a plain value"}


def current() -> Wiring | None:
    """Return the container's wiring, or None without a document. Raises BadWiring if the document cannot be read."""
    text = os.environ.get(WIRING_VARIABLE)
    return _parse(text) if text else None


@lru_cache(maxsize=8)
def _parse(text: str) -> Wiring:
    try:
        return Wiring.from_json(text)
    except ValueError as error:  # includes pydantic.ValidationError
        # pydantic quotes values, but the wiring holds no secrets.
        detail = " ".join(str(error).split())[:300]
        msg = f"{WIRING_VARIABLE} cannot be read: {detail}. Was it written by a newer pulumi-flyte than this runtime?"
        raise BadWiring(msg) from None


def app_input(alias: str) -> AppInput:
    """Return the app wired as `alias`. Raises a WiringError that says what is missing and how to declare it."""
    wired = _lookup(alias)
    if isinstance(wired, AppInput):
        return wired
    if wired is not None:
        _wrong_kind(alias, "app", wired.kind)
    return _plain_app(alias) or _not_wired(alias, "App")


def task_input(alias: str) -> TaskInput:
    """Return the task wired as `alias`. Raises a WiringError that says what is missing and how to declare it."""
    wired = _lookup(alias)
    if isinstance(wired, TaskInput):
        return wired
    if wired is not None:
        _wrong_kind(alias, "task", wired.kind)
    return _plain_task(alias) or _not_wired(alias, "Task")


def _lookup(alias: str) -> Input | None:
    wiring = current()
    if wiring is None:
        return None
    try:
        return wiring.inputs[alias]
    except KeyError:
        pass
    # Variables are upper-case, so `BACKEND_URL` and `backend_url` are the same input.
    variable = variable_name(alias)
    for name, wired in wiring.inputs.items():
        if variable_name(name) == variable:
            return wired
    aliases = ", ".join(sorted(wiring.inputs)) or "none"
    msg = (
        f"this container is not wired with {alias!r}{nearest(alias, wiring.inputs)}; its aliases: {aliases}. "
        f"Add it to inputs={{{alias!r}: …}} of {wiring.identity.kind} {wiring.identity.name!r} in the Pulumi program."
    )
    raise UnknownAlias(msg)


def _plain_app(alias: str) -> AppInput | None:
    """Return the app whose URL is in the variable of its alias. Only the URL is known."""
    value = os.environ.get(variable_name(alias))
    if not value:
        return None
    if not value.startswith(("http://", "https://")):
        msg = f"{variable_name(alias)} is {value!r}: for rt.app({alias!r}) it must be an http:// or https:// URL."
        raise WrongKind(msg)
    return AppInput(project="", domain="", name=alias, url=value)


def _plain_task(alias: str) -> TaskInput | None:
    """Return the task whose reference is in the variable of its alias."""
    value = os.environ.get(variable_name(alias))
    if not value:
        return None
    try:
        return parse_task_reference(value)
    except ValueError:
        msg = (
            f"{variable_name(alias)} is {value!r}: for rt.task({alias!r}) "
            "it must be project/domain/name or project/domain/name@version."
        )
        raise WrongKind(msg) from None


def _wrong_kind(alias: str, expected: str, wired: str) -> NoReturn:
    use = {"app": f"rt.app({alias!r})", "task": f"rt.task({alias!r})"}.get(
        wired, f"os.environ[{variable_name(alias)!r}]"
    )
    msg = f"{alias!r} is wired to {_KIND_NAMES[wired]}, not to {_KIND_NAMES[expected]}: use {use}."
    raise WrongKind(msg)


def _not_wired(alias: str, component: str) -> NoReturn:
    if not is_alias(alias):
        msg = f"{alias!r} cannot be an alias: letters, digits and '_', not starting with a digit, as in a variable."
        raise NotWired(msg)
    msg = (
        f"{alias!r} is not wired: neither {WIRING_VARIABLE} nor {variable_name(alias)} is set in this process. "
        f"In the Pulumi program, pass inputs={{{alias!r}: <{component}>}} to the component that runs this code; "
        f"in a test, use flyte_runtime.testing.wired({{{alias!r}: …}})."
    )
    raise NotWired(msg)
