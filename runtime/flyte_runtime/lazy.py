"""Names of a package whose modules are imported when they are first used (PEP 562)."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import Any


def attribute(package: str, home_of: Mapping[str, str], name: str) -> Any:
    """`name` of the package, from the module that `home_of` says: its name within the package, or with a dot in front
    the one of another room. Raises AttributeError where it says none."""
    home = home_of.get(name)
    if home is None:
        msg = f"module {package!r} has no attribute {name!r}"
        raise AttributeError(msg)
    return getattr(importlib.import_module(f".{home}", package), name)
