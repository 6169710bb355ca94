"""Watches what the user's code does with files while it is imported."""

from __future__ import annotations

import os
import sys
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path, PurePath
from types import CodeType
from typing import Any

from .import_path import Locator
from .inspection import is_a, text
from .modules import loading

_NO_DATA = (".py", ".pyc", ".cfg", ".pth", "-info")


@dataclass
class Use:
    """Records who used a file: the modules that were being loaded then (None if it was none), and the first line."""

    modules: set[str | None] = field(default_factory=set)
    line: str = ""

    def is_by(self, modules: Collection[str], traced: Collection[str]) -> bool:
        """Check whether one of the modules used it, or somebody that no import accounts for: that may be anybody."""
        return any(each in modules or each not in traced for each in self.modules)


class Watch:
    """The files below the root that are read, listed or looked for, and the files whose code runs, from `start` on.

    `missing`: files that the code tried to open, or opened and removed, and that are not there in the end.
    """

    def __init__(self, locator: Locator) -> None:
        self._locator = locator
        self.opened: dict[str, Use] = {}
        self.missing: dict[str, Use] = {}
        self.listed: dict[str, Use] = {}
        self.looked_for: dict[str, Use] = {}
        self.executed: dict[Path, Use] = {}
        self._is_watching = False

    def start(self) -> None:
        """Watches this process from now on."""
        self._is_watching = True
        handlers = {
            "open": self._on_open,
            "exec": self._on_exec,
            "os.listdir": self._on_list,
            "os.scandir": self._on_list,
        }

        def audit(event: str, arguments: tuple[Any, ...]) -> None:
            handler = handlers.get(event) if self._is_watching else None
            if handler is not None:
                handler(arguments)

        sys.addaudithook(audit)
        stat = os.stat

        def watched_stat(path: Any, *args: Any, **kwargs: Any) -> os.stat_result:
            # No audit event tells of a look: `StaticFiles(directory=…)` makes one, and reads nothing yet.
            result = stat(path, *args, **kwargs)
            if self._is_watching:
                self._note(self.looked_for, path)
            return result

        os.stat = watched_stat
        # Where libraries look which arguments a function of `os` takes, as shutil does.
        for functions in (os.supports_dir_fd, os.supports_fd, os.supports_follow_symlinks):
            if stat in functions:
                functions.add(watched_stat)

    def end(self) -> None:
        """Stops watching: what follows is the reader's own."""
        self._is_watching = False
        # The audit event comes before the file is opened, which may fail.
        for path in [path for path in self.opened if not os.path.isfile(self._locator.root / path)]:
            use = self.opened.pop(path)
            if not os.path.lexists(self._locator.root / path):
                self.missing[path] = use

    def _on_open(self, arguments: tuple[Any, ...]) -> None:
        path, mode = arguments[0], arguments[1]
        if not set(str(mode)) & set("wax+"):
            self._note(self.opened, path)

    def _on_list(self, arguments: tuple[Any, ...]) -> None:
        # The import system lists the folders of the import path.
        if "importlib" not in sys._getframe(2).f_code.co_filename:
            self._note(self.listed, arguments[0])

    def _on_exec(self, arguments: tuple[Any, ...]) -> None:
        code = arguments[0]
        if is_a(code, CodeType) and code.co_filename.endswith(".py"):
            path = Path(os.path.abspath(code.co_filename))
            if self._locator.inside(path) and self._locator.is_own(path) and os.path.isfile(path):
                self._add(self.executed, path)

    def _note(self, uses: dict[str, Use], path: object) -> None:
        plain = str(path) if is_a(path, PurePath) else text(path)
        if not plain or "\0" in plain or plain.endswith(_NO_DATA):
            return
        inner = self._locator.inside(os.path.abspath(plain))
        # What an interpreter or a tool keeps in the folder is not the program's.
        if inner and not any(part in _TOOLS or part.startswith(".") for part in inner.split("/")):
            self._add(uses, inner)

    def _add(self, uses: dict[Any, Use], key: object) -> None:
        now = loading(self._locator.root)
        use = uses.setdefault(key, Use(line=now.line))
        use.modules.add(now.module)


_TOOLS = {"site-packages", "__pycache__", "node_modules"}
