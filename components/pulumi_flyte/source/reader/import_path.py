"""Finds the files of the program's own modules, and their places in the bundle.

A bundle is unpacked into a container's working folder, which is on the import path there. So a file below the source's
root keeps its path, and a module from any other folder of the import path lies in the bundle under its name.
"""

from __future__ import annotations

import contextlib
import os
import sys
import sysconfig
from collections.abc import Iterable
from importlib.machinery import PathFinder
from pathlib import Path
from typing import Any

from .inspection import namespace_of, text

_INSTALLED = {"site-packages", "dist-packages"}


class Locator:
    """Finds the files of modules, and tells modules of the program from others. Make it before the user's code runs."""

    def __init__(self, root: Path) -> None:
        self.root = root
        of_user = {_real(entry) for entry in os.environ.get("PYTHONPATH", "").split(os.pathsep) if entry}
        self._at_start = {_real(entry) for entry in sys.path if entry} - {_real(root)}
        standard = {_real(sysconfig.get_path(kind)) for kind in ("stdlib", "platstdlib", "purelib", "platlib")}
        self._standard = standard
        self._foreign = (self._at_start - of_user) | standard
        self._entries: list[str] = []

    def also_search(self, entries: Iterable[str]) -> bool:
        """Add folders that the code puts on the import path when it runs. Return True if one was not known."""
        new = [entry for entry in entries if entry not in self._entries and entry not in sys.path]
        self._entries += new
        return bool(new)

    def loaded(self) -> dict[str, Path]:
        """Return all imported modules below the root with their files.

        A module from elsewhere counts only where the program's code imports it: libraries write modules, too.
        """
        files = {}
        for name, module in list(sys.modules.items()):
            path = file_of(module)
            if text(name) is not None and path is not None and self.inside(path) and self.is_own(path):
                files[str(name)] = path
        return files

    def find(self, module: str) -> Path | None:
        """Return the file of a module of the program, or None for any other module. Nothing is imported."""
        path = file_of(sys.modules.get(module))
        if path is None:
            path = _existing(getattr(self._spec(module), "origin", None))
        return path if path is not None and self.is_own(path) else None

    def submodules(self, package: str) -> list[str]:
        """Return all modules directly in a package."""
        names = set()
        for folder in self._search_path(f"{package}.x") or ():
            if self.is_own(Path(folder) / "x.py") and os.path.isdir(folder):
                for name in os.listdir(folder):
                    stem, suffix = os.path.splitext(name)
                    if stem.isidentifier() and (suffix == ".py" or os.path.isfile(f"{folder}/{name}/__init__.py")):
                        names.add(f"{package}.{stem}")
        return sorted(names)

    def is_own(self, path: Path) -> bool:
        """Tell the program's files from those of the interpreter and its packages."""
        if _INSTALLED & set(path.parts):
            return False
        real = _real(path)
        if any(_is_below(real, place) for place in self._standard):
            return False
        return self.inside(path) is not None or not any(_is_below(real, place) for place in self._foreign)

    def inside(self, path: Path | str) -> str | None:
        """Return the path relative to the root, or None. A link below the root counts where it stands."""
        for candidate in (os.path.abspath(path), _real(path)):
            if _is_below(candidate, str(self.root)):
                return Path(candidate).relative_to(self.root).as_posix()
        return None

    def place(self, module: str | None, path: Path) -> str | None:
        """Return the file's path in the bundle, or None if no import in the container could find it."""
        inside = self.inside(path)
        stem = path.parent if path.stem == "__init__" else path.with_suffix("")
        parts = (module or "").split(".")
        is_named = module is not None and stem.parts[-len(parts) :] == tuple(parts)
        entry = _real(stem.parents[len(parts) - 1]) if is_named else ""
        if inside is not None and (not is_named or entry not in self._at_start):
            return inside
        if not is_named:
            return None
        # A container's import path begins with its working folder, so there the name alone finds the module.
        name = path.name if path.stem == "__init__" else f"{parts.pop()}{path.suffix}"
        return "/".join((*parts, name))

    def _spec(self, module: str) -> Any:
        """Find a module as `importlib.util.find_spec` does, without importing the packages above the module."""
        if module in sys.builtin_module_names or not all(part.isidentifier() for part in module.split(".")):
            return None
        search = self._search_path(module)
        with contextlib.suppress(Exception):  # the import path and its hooks are the user's
            # By its last part alone: for a namespace package the finder would look for its parent in `sys.modules`.
            return None if search is None else PathFinder.find_spec(module.rpartition(".")[2], search)
        return None

    def _search_path(self, module: str) -> list[str] | None:
        parent = module.rpartition(".")[0]
        if not parent:
            return [*(entry for entry in sys.path if isinstance(entry, str)), *self._entries]
        locations = namespace_of(sys.modules.get(parent)).get("__path__")
        if locations is None:
            locations = getattr(self._spec(parent), "submodule_search_locations", None)
        with contextlib.suppress(Exception):  # a package may set its `__path__` to anything
            return None if locations is None else [str(each) for each in locations]
        return None


def file_of(module: object) -> Path | None:
    """Return the file of a module, if it has one. The module's own code does not run: a lazy module stays unloaded."""
    return _existing(namespace_of(module).get("__file__"))


# Looked up before the user's code runs, once for all the processes that are forked to read a source.
_files: dict[str, Path] = {}
_real_paths: dict[str, str] = {}


def remember_loaded_modules() -> None:
    """Look up the files of the modules that are loaded now. They are hundreds, and none of them is the user's."""
    for module in list(sys.modules.values()):
        origin = text(namespace_of(module).get("__file__"))
        path = _existing(origin)
        if origin and path is not None:
            _files[origin] = path
            _real_paths[str(path)] = _real(path)


def _existing(origin: object) -> Path | None:
    """A file's path. For a module in an archive it is the path of the archive."""
    path = text(origin)
    if path in _files:
        return _files[path]
    with contextlib.suppress(OSError, ValueError):
        for each in (Path(os.path.abspath(path)), *Path(os.path.abspath(path)).parents) if path else ():
            if each.exists():
                return each if each.is_file() else None
    return None


def _real(path: Path | str) -> str:
    remembered = _real_paths.get(str(path))
    if remembered is not None:
        return remembered
    with contextlib.suppress(OSError, ValueError):
        return os.path.realpath(path)
    return str(path)


def _is_below(path: str, folder: str) -> bool:
    return path.startswith(f"{folder}{os.sep}")
