"""Imports of a package's public names when they are first used (PEP 562)."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import Any

__all__ = ["import_attribute"]


def import_attribute(package: str, home_of: Mapping[str, str], name: str) -> Any:
    """Return a package's attribute from its module.

    `home_of` maps a public name to a module: its name within the package, or with a dot in front its name in the
    package above. Raises AttributeError for a name that is not there.
    """
    home = home_of.get(name)
    if home is None:
        msg = f"module {package!r} has no attribute {name!r}"
        raise AttributeError(msg)
    return getattr(importlib.import_module(f".{home}", package), name)
