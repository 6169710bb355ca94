"""Records which modules each local module imports while it is loaded, by statements and by names made at run time."""

from __future__ import annotations

import builtins
import importlib
import os
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib.util import resolve_name
from pathlib import Path
from types import CodeType
from typing import Any

from .inspection import text

Globals = dict[str, Any]


class Imports:
    """Edges from a local module to what it imports, also where that was loaded before. Watches from `start` on."""

    def __init__(self, root: Path) -> None:
        self._root = f"{root}/"
        self._edges: dict[str, set[str]] = {}

    def start(self) -> None:
        """Sees `import` statements and `importlib.import_module` from now on, in this process."""
        plain, by_name = builtins.__import__, importlib.import_module

        def watched(name: str, scope: Any = None, own: Any = None, names: Any = (), level: int = 0) -> Any:
            module = plain(name, scope, own, names, level)
            if self._is_local(scope):
                self._record(scope, name, names or (), level)
            return module

        def watched_by_name(name: str, package: str | None = None) -> Any:
            module = by_name(name, package)
            scope = sys._getframe(1).f_globals
            if self._is_local(scope):
                self._record(scope, resolve_name(name, package), (), 0)
            return module

        builtins.__import__ = watched  # type: ignore[assignment]
        importlib.import_module = watched_by_name

    def of(self, module: str) -> set[str]:
        """Return the modules that a module imported so far."""
        return self._edges.get(module, set())

    def _is_local(self, scope: Globals | None) -> bool:
        return scope is not None and (text(scope.get("__file__")) or "").startswith(self._root)

    def _record(self, scope: Globals, name: str, names: Iterable[str], level: int) -> None:
        importer = text(scope.get("__name__"))
        if importer is None:
            return
        package = text(scope.get("__package__")) or importer.rpartition(".")[0]
        target = resolve_name("." * level + name, package) if level else name
        # `from package import x`: x is a module of its own, or a name in the package.
        self._edges.setdefault(importer, set()).update([target, *(f"{target}.{each}" for each in names)])


def packages_of(module: str) -> Iterator[str]:
    """`a` and `a.b` of `a.b.c`."""
    while "." in module:
        module = module.rpartition(".")[0]
        yield module


@dataclass(frozen=True)
class Loading:
    """The local code that runs right now: the module that is being loaded, and the innermost line below the root."""

    module: str | None
    line: str


def loading(root: Path) -> Loading:
    """Find the innermost local code of the call stack."""
    frame: Any = sys._getframe(1)
    line = ""
    while frame is not None:
        code: CodeType = frame.f_code
        if code.co_filename.startswith(f"{root}/"):
            line = line or f"{os.path.relpath(code.co_filename, root)}:{frame.f_lineno}"
            if code.co_name == "<module>":
                return Loading(text(frame.f_globals.get("__name__")), line)
        frame = frame.f_back
    return Loading(None, line)
