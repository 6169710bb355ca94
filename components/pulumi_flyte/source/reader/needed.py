"""Collects what a workload needs of the program's folder: the modules that its code can import, the paths it names."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

from .calls import calls_of
from .inspection import is_a, namespace_of
from .modules import packages_of
from .observation import Observation
from .paths import Paths
from .syntax import EVERY_MODULE, File, imported_modules, parse, possible_modules

# Packages that calls of apps and tasks are made with.
_CALLING = {"flyte_runtime", "httpx", "requests", "aiohttp"}


@dataclass
class Needed:
    """The part of the program's folder that a workload needs.

    `files`: its code, place in the bundle -> path relative to the root.
    `read`: what was read on import, relative to the root.
    `data_lines`: all paths that the code uses or names, each with the line that does.
    `absent`: modules that the code imports, and files that it tried to open, which the folder does not have. The
        reading changes when one appears.
    `listed`: folders that the code takes every module of. The reading changes when one has another file.
    `calls`: the requests to wired apps and the starts of wired tasks, as calls/ describes them.
    """

    modules: set[str] = field(default_factory=set)
    files: dict[str, str] = field(default_factory=dict)
    data_lines: dict[str, str] = field(default_factory=dict)
    absent: set[str] = field(default_factory=set)
    listed: set[str] = field(default_factory=set)
    read: list[str] = field(default_factory=list)
    parsed: dict[str, File] = field(default_factory=dict)
    calls: list[dict[str, Any]] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """Return the part of the reader's answer that says it."""
        return {
            "files": self.files,
            "read": self.read,
            "data_lines": self.data_lines,
            "absent": sorted(self.absent),
            "calls": self.calls,
        }


@dataclass(frozen=True)
class _Scanned:
    file: File | None = None
    imports: tuple[str, ...] = ()
    entries: tuple[str, ...] = ()
    data_lines: tuple[tuple[str, str], ...] = ()


class Code:
    """The program's own code after its import: what each module needs, at once or later."""

    def __init__(self, observation: Observation, requested: Iterable[str]) -> None:
        self._locator, self._imports, self._watch = observation.locator, observation.imports, observation.watch
        self.loaded = self._locator.loaded()
        self._scanned: dict[tuple[str | None, Path], _Scanned] = {}
        self._calls: dict[frozenset[str], list[dict[str, Any]]] = {}
        self._traced = self._closure(requested, ())

    def needed_by(self, module: str) -> Needed:
        """Return what a workload in this module needs.

        What no import accounts for may be anybody's, so it counts for every workload.
        """
        traced, files = self._traced.modules, set(self._traced.files.values())
        untraced = [name for name in self.loaded if name not in traced]
        executed = [
            path
            for path, use in self._watch.executed.items()
            if use.is_by((), traced) and os.path.relpath(path, self._locator.root) not in files
        ]
        needed = self._closure({module, *untraced}, executed)
        watch, modules = self._watch, needed.modules
        needed.read = sorted(path for path, use in watch.opened.items() if use.is_by(modules, traced))
        needed.absent.update(path for path, use in watch.missing.items() if use.is_by(modules, traced))
        for uses in (watch.opened, watch.listed, watch.looked_for):
            for path, use in uses.items():
                if use.is_by(modules, traced):
                    needed.data_lines.setdefault(path, use.line)
        needed.calls = self._calls_of(needed)
        return needed

    def _calls_of(self, needed: Needed) -> list[dict[str, Any]]:
        """Return the calls of a workload's files. Most workloads of a code base have the same files."""
        if not _CALLING & {name.partition(".")[0] for name in needed.modules}:
            return []
        files = frozenset(needed.parsed)
        if files not in self._calls:
            self._calls[files] = calls_of(needed.parsed.values(), self._locator.root)
        return self._calls[files]

    def _closure(self, modules: Iterable[str], files: Iterable[Path]) -> Needed:
        while True:
            needed = Needed()
            entries: set[str] = set()
            waiting: list[str | Path] = [*modules, *files]
            while waiting:
                item = waiting.pop()
                if isinstance(item, str):
                    self._add_module(item, needed, waiting, entries)
                else:
                    self._add_file(None, item, needed, waiting, entries)
            # A folder that code puts on the import path when it runs may hold what was not found until now.
            if not self._locator.also_search(sorted(entries)):
                return needed

    def _add_module(self, name: str, needed: Needed, waiting: list[str | Path], entries: set[str]) -> None:
        if name in needed.modules:
            return
        needed.modules.add(name)
        if name.endswith(EVERY_MODULE):
            package = name.removesuffix(EVERY_MODULE)
            waiting += [package, *self._locator.submodules(package)]
            if (self._locator.root / package.replace(".", "/")).is_dir():
                needed.listed.add(package.replace(".", "/"))
            return
        waiting += packages_of(name)
        waiting += self._imports.of(name)
        waiting += [path for path, use in self._watch.executed.items() if name in use.modules]
        path = self.loaded.get(name) or self._locator.find(name)
        if path is None:
            self._note_absent(name, needed)
        else:
            self._add_file(name, path, needed, waiting, entries)

    def _add_file(
        self, name: str | None, path: Path, needed: Needed, waiting: list[str | Path], entries: set[str]
    ) -> None:
        place = self._locator.place(name, path)
        if place is None:
            needed.data_lines.setdefault(os.path.relpath(path, self._locator.root), "")
        if place is None or (name is None and place in needed.files):
            return
        needed.files[place] = os.path.relpath(path, self._locator.root)
        scanned = self._scan(name, path)
        if scanned.file is not None:
            needed.parsed[place] = scanned.file
        waiting += scanned.imports
        entries.update(scanned.entries)
        for data, line in scanned.data_lines:
            needed.data_lines.setdefault(data, line)

    def _scan(self, name: str | None, path: Path) -> _Scanned:
        key = (name, path)
        if key not in self._scanned:
            file = parse(path, name)
            if file is None:
                self._scanned[key] = _Scanned()
            else:
                paths = Paths(file, lambda dotted: _live(name, dotted), self._package_folder)
                data_lines = tuple(self._below_root(file, paths))
                imports = [*imported_modules(file), *filter(self._locator.find, possible_modules(file))]
                self._scanned[key] = _Scanned(file, tuple(imports), tuple(paths.import_entries()), data_lines)
        return self._scanned[key]

    def _below_root(self, file: File, paths: Paths) -> Iterator[tuple[str, str]]:
        """Paths relative to the root with the line that names them. What another machine has is left out."""
        root = self._locator.root
        shown = os.path.relpath(file.path, root)
        for each in paths.named():
            path = os.path.normpath(root / each.path)
            if os.path.isabs(each.path) and not each.from_file and self._locator.inside(path) is None:
                continue
            is_secret = os.path.basename(path).startswith(".env")  # a machine's own settings, often its secrets
            if not is_secret and not file.path.is_relative_to(path) and not root.is_relative_to(path):
                yield self._locator.inside(path) or os.path.relpath(path, root), f"{shown}:{each.line}"

    def _package_folder(self, name: str) -> str | None:
        path = self.loaded.get(name) or self._locator.find(name)
        return None if path is None else str(path.parent)

    def _note_absent(self, name: str, needed: Needed) -> None:
        place, root = name.replace(".", "/"), self._locator.root
        package = os.path.dirname(place)
        if name in sys.builtin_module_names or (package and not (root / package).is_dir()):
            return
        if not any(os.path.lexists(root / path) for path in (f"{place}.py", place)):
            needed.absent.add(place)


def _live(module: str | None, dotted: str) -> Any:
    """Return the value of `name` or `name.attribute` in a module that was imported. No code of the value's own runs."""
    namespace = namespace_of(sys.modules.get(module or ""))
    name, _, attribute = dotted.partition(".")
    value = namespace.get(name)
    if not attribute:
        return value
    if is_a(value, ModuleType):
        return namespace_of(value).get(attribute)
    with contextlib.suppress(Exception):
        attributes: Mapping[str, Any] = object.__getattribute__(value, "__dict__")
        return attributes.get(attribute)
    return None
