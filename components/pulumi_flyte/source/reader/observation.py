"""Observes the user's code while it is imported."""

from __future__ import annotations

from pathlib import Path

from .import_path import Locator
from .modules import Imports
from .watching import Watch


class Observation:
    """The modules, imports and files of one reading. Make it before the user's code runs."""

    def __init__(self, root: Path) -> None:
        self.locator = Locator(root)
        self.imports = Imports(root)
        self.watch = Watch(self.locator)

    def start(self) -> None:
        """See what this process does from now on."""
        self.imports.start()
        self.watch.start()
