"""Paths of properties, in Pulumi's notation, and the paths of secrets."""

from __future__ import annotations

import re
from typing import Any

from pulumi_flyte_provider.properties.values import Secret

PropertyPath = tuple[Any, ...]


def dotted(location: PropertyPath) -> str:
    """Return a property path as Pulumi writes it: `secrets[0].key`, `env["a.b"]`."""
    path = ""
    for step in location:
        if isinstance(step, int):
            path += f"[{step}]"
        elif re.fullmatch(r"[A-Za-z_$][\w$-]*", str(step)):
            path += f".{step}" if path else str(step)
        else:
            path += f'["{step}"]'
    return path


def secret_paths(value: Any, path: PropertyPath = ()) -> list[PropertyPath]:
    """Return the paths of all secrets in a value."""
    if isinstance(value, Secret):
        return [path]
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [inner for key, item in items for inner in secret_paths(item, (*path, key))]


def is_secret_at(properties: Any, path: PropertyPath) -> bool:
    """Check whether the value at `path` is or contains a secret, or is part of a secret."""
    here = properties
    for step in path:
        if isinstance(here, Secret):
            return True
        try:
            here = here[step]
        except (KeyError, IndexError, TypeError):
            return False
    return bool(secret_paths(here))
