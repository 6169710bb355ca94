"""The root of a source: the folder that is on the import path when the source's file is imported."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

_IMPORT = re.compile(rb"^[ \t]*(?:from[ \t]+(\.*)([\w.]*)[ \t]+import|import[ \t]+([\w.]+))", re.MULTILINE)


class ImportName(NamedTuple):
    """A module as an import spells it: the number of dots before it, and its parts."""

    dots: int
    parts: tuple[str, ...]

    @classmethod
    def of(cls, module: str, dots: int = 0) -> ImportName:
        """Split a module's name."""
        return cls(dots, tuple(part for part in module.split(".") if part))


def root_of(folder: Path, files: Iterable[Path]) -> Path:
    """Return the root for files in a folder.

    It is the folder itself, or the folder above its outermost package. A folder without `__init__.py` is a package too
    (PEP 420) if one of the files imports it as one: by a relative import, or by its name.
    """
    root = folder
    while (root / "__init__.py").exists():
        root = root.parent
    for file in files:
        root = _root_for_file(file, root)
    return root


def _root_for_file(file: Path, root: Path) -> Path:
    try:
        content = file.read_bytes()
    except OSError:
        return root
    quick = root
    for name in _import_lines(content):
        quick = _root_for(name, file, quick)
    if quick == root:
        return root
    # The line may stand in a docstring. Only files that would move the root are parsed, since that takes long.
    try:
        tree = ast.parse(content)
    except (SyntaxError, ValueError, RecursionError):
        return quick
    for name in _imports(tree):
        root = _root_for(name, file, root)
    return root


def _root_for(name: ImportName, file: Path, root: Path) -> Path:
    """Return the root from which the import finds its module: this one, or one above it."""
    if name.dots:
        # `from . import x` needs one package around the file, `from .. import x` two.
        needed = file.parents[name.dots] if name.dots < len(file.parents) else root
        is_above = root != needed and root.is_relative_to(needed)
        return needed if is_above and _are_names(root.relative_to(needed).parts) else root
    if len(name.parts) < 2 or name.parts[0] not in root.parts or _exists(root, name.parts[:1]):
        return root
    for ancestor in (root, *root.parents):
        if not ancestor.name.isidentifier():
            return root
        if ancestor.name == name.parts[0] and _exists(ancestor.parent, name.parts[:2]):
            return ancestor.parent
    return root


def _import_lines(content: bytes) -> Iterator[ImportName]:
    """Yield the imports of a file, and lines of its texts that look like one."""
    for dots, target, module in _IMPORT.findall(content):
        yield ImportName.of((target or module).decode(errors="replace"), len(dots))


def _imports(tree: ast.Module) -> Iterator[ImportName]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            yield ImportName.of(node.module or "", node.level)
        elif isinstance(node, ast.Import):
            yield from (ImportName.of(alias.name) for alias in node.names)


def _exists(root: Path, parts: tuple[str, ...]) -> bool:
    path = root.joinpath(*parts)
    return path.is_dir() or path.with_name(f"{path.name}.py").is_file()


def _are_names(parts: Iterable[str]) -> bool:
    return all(part.isidentifier() for part in parts)


def module_of(file: Path, root: Path) -> str:
    """Return the name under which a file is imported: the package for its `__init__.py`."""
    parts = file.relative_to(root).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" and len(parts) > 1 else parts)


def spelled_as_module(name: str, base: Path) -> str | None:
    """Return the file that a user means who writes `package.module` or `package/module`, relative to `base`."""
    place = name if "/" in name else name.replace(".", "/")
    candidates = (f"{place}.py", f"{place}/__init__.py")
    return next((path for path in candidates if place and (base / path).is_file()), None)
