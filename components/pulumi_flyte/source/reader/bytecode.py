"""Reads the program's own modules from their source, and never from bytecode.

Python takes bytecode for that of a file whose size and second of change it has. A module that is edited twice within a
second may keep both, so a reading would show the code of before, and the cache would remember it with the new content.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib.machinery import SourceFileLoader
from pathlib import Path
from typing import Any

from .import_path import Locator


def ignore_bytecode(locator: Locator) -> None:
    """Let no module of the program be read from bytecode or written as bytecode in this process."""
    stats_of = SourceFileLoader.path_stats

    def path_stats(loader: SourceFileLoader, path: Any) -> Mapping[str, Any]:
        if locator.is_own(Path(path)):
            raise OSError("no bytecode")  # the loader then compiles the source
        return stats_of(loader, path)

    SourceFileLoader.path_stats = path_stats  # type: ignore[method-assign,assignment]
