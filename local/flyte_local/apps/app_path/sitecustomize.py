"""Runs when a Python interpreter of an app starts. Its folder is on the import path of apps' processes only.

It changes nothing itself. A module is changed when it is imported, so that a start costs next to nothing. A
`sitecustomize` of the app's own environment, which this one hides, runs afterwards. Python has no other way to run code
at the start of every interpreter of an environment that this server does not own.
"""

from __future__ import annotations

import os
import sys
from _frozen_importlib_external import PathFinder

import flyte_local_container  # type: ignore[import-not-found]  # found by PYTHONPATH

TYPE_CHECKING = False  # typing itself is most of what a start would cost
if TYPE_CHECKING:
    from collections.abc import Callable
    from importlib.machinery import ModuleSpec
    from types import ModuleType
    from typing import Any


class AfterImport:
    """A finder that changes modules right after their import. The other finders find them."""

    def __init__(self, changes: dict[str, Callable[[Any], None]]) -> None:
        self._changes = changes

    def install(self) -> None:
        """Change the modules that are imported already, and prepare to change the others."""
        for name in self._changes.keys() & sys.modules.keys():
            self._changes[name](sys.modules[name])
        sys.meta_path.insert(0, self)

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        """Return the module's spec with a loader that changes the module. Called by the import system."""
        change = self._changes.get(name)
        if change is None:
            return None
        specs = (finder.find_spec(name, path, target) for finder in sys.meta_path if finder is not self)
        spec = next((spec for spec in specs if spec is not None), None)
        if spec is not None and spec.loader is not None:
            spec.loader = _Loader(spec.loader, change)  # type: ignore[assignment]
        return spec


class _Loader:
    """A loader that changes its module once that is loaded, and then leaves no trace."""

    def __init__(self, loader: Any, change: Callable[[Any], None]) -> None:
        self._loader = loader
        self._change = change

    def __getattr__(self, name: str) -> Any:
        return getattr(self._loader, name)

    def exec_module(self, module: ModuleType) -> None:
        """Execute the module and change it."""
        if module.__spec__ is not None:
            module.__spec__.loader = self._loader
        module.__loader__ = self._loader
        self._loader.exec_module(module)
        self._change(module)


def hidden() -> ModuleSpec | None:
    """Return the `sitecustomize` that would have been found without this one."""
    here = os.path.dirname(os.path.abspath(__file__))
    return PathFinder.find_spec(__name__, [folder for folder in sys.path if os.path.abspath(folder) != here])


AfterImport(flyte_local_container.changes(os.environ)).install()
_spec = hidden()
if _spec is not None and _spec.loader is not None:
    from importlib.util import module_from_spec

    sys.modules[__name__] = _module = module_from_spec(_spec)
    _spec.loader.exec_module(_module)
