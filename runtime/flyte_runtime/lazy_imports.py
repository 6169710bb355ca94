"""Imports of a package's public names when they are first used (PEP 562)."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import Any

__all__ = ["import_attribute"]


def import_attribute(package: str, home_of: Mapping[str, str], name: str) -> Any:
    """Import the module of a public name and return the attribute.

    `home_of` maps each public name to its module, relative to `package`; a leading dot means the package above.
    Raises AttributeError for a name that `home_of` does not have.
    """
    home = home_of.get(name)
    if home is None:
        msg = f"module {package!r} has no attribute {name!r}"
        raise AttributeError(msg)
    return getattr(importlib.import_module(f".{home}", package), name)
