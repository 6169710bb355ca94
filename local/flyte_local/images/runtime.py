"""The packages of every environment besides its image's: Flyte's SDK and the runtime library of this server."""

from __future__ import annotations

import hashlib
import re
import shutil
from functools import cache
from importlib.metadata import requires, version
from importlib.util import find_spec
from pathlib import Path

# Installed after the image's packages: it restores dependencies of Flyte that these replaced.
LAST_PACKAGES = ("flyte",)
_LIBRARY, _DISTRIBUTION = "flyte_runtime", "flyte-runtime"


def base_packages(flyte: str) -> tuple[str, ...]:
    """Return the requirements:

    Flyte's SDK (of this server, unless `flyte` is a version) and those of the runtime library.
    """
    needed = [item for item in requires(_DISTRIBUTION) or () if not re.search(r";.*\bextra\b", item)]
    return (f"flyte=={flyte or version('flyte')}", *sorted(needed))


def add_library(site_packages: Path) -> None:
    """Copy the runtime library: its release need not be in any registry."""
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(_folder(), site_packages / _LIBRARY, ignore=ignored, dirs_exist_ok=True)


@cache
def library_digest() -> str:
    """Return a digest that changes with any file of the runtime library."""
    digest = hashlib.sha256()
    for path in sorted(_folder().rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            digest.update(f"{path.relative_to(_folder())}\0".encode() + path.read_bytes() + b"\0")
    return digest.hexdigest()


def _folder() -> Path:
    spec = find_spec(_LIBRARY)
    assert spec is not None
    assert spec.submodule_search_locations
    return Path(next(iter(spec.submodule_search_locations)))
