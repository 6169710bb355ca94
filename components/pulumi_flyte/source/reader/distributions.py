"""Finds the packages that the code imports and Flyte's published image lacks."""

from __future__ import annotations

import contextlib
import importlib.metadata
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from . import flyte_internals
from .syntax import imported_modules, parse


def stock_image() -> str | None:
    """Return the image that Flyte publishes for this Python and this SDK."""
    if not flyte_internals.is_loaded():
        return None
    from flyte import Image

    return str(Image.from_debian_base().uri)


def missing_from_stock(root: Path, files: Mapping[str, str], *, is_served: bool = False) -> list[str]:
    """Distributions that the local files import and Flyte's published image does not have: it holds flyte and what
    flyte requires. `is_served`: the runtime library serves the source, and needs its own."""
    owners = installed()
    imported = {name for path in files.values() for name in imports_of(root / path)}
    if is_served:
        imported |= {"uvicorn", "pydantic"}
    needed = {canonical(owners[name][0]) for name in imported if name in owners}
    return sorted(needed - requirements("flyte") - {"flyte-runtime"})


def imports_of(path: Path) -> set[str]:
    """Return the top-level names of the modules that a file imports."""
    file = parse(path, None)
    return set() if file is None else {name.partition(".")[0] for name in imported_modules(file)}


@cache
def installed() -> Mapping[str, list[str]]:
    """Module -> the distributions that bring it. It reads about every distribution of the interpreter, so the reader
    looks once and its children inherit the result."""
    return importlib.metadata.packages_distributions()


@cache
def requirements(distribution: str) -> frozenset[str]:
    """A distribution and all that it requires, without extras."""
    names: set[str] = set()
    waiting = [distribution]
    while waiting:
        name = canonical(waiting.pop())
        if name in names:
            continue
        names.add(name)
        with contextlib.suppress(importlib.metadata.PackageNotFoundError):
            for requirement in importlib.metadata.requires(name) or ():
                if "extra ==" not in requirement:
                    waiting.append(re.split(r"[^A-Za-z0-9._-]", requirement, maxsplit=1)[0])
    return frozenset(names)


def canonical(name: str) -> str:
    """Normalise the name of a distribution (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()
