"""Finds the paths that code names where it uses them: `open("a.json")`, `StaticFiles(directory=HERE / "static")`."""

from __future__ import annotations

import ast
import os
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from .spelling import Speller
from .syntax import File, assignments, imported_names, nodes, qualified_name, terminal_name

# Calls whose plain strings are paths even without a suffix or a slash: `StaticFiles(directory="static")`.
_TAKES_PATHS = {
    *("open", "Path", "PurePath", "join", "joinpath", "listdir", "scandir", "walk", "glob", "iglob", "abspath"),
    *("StaticFiles", "Jinja2Templates", "FileSystemLoader", "FileResponse", "exists", "isdir", "isfile"),
}
_PATH_KEYWORDS = {"directory", "directories", "searchpath", "template_folder", "static_folder", "template_dir", "path"}
_WRITES_ARGUMENT = {"FileHandler", "RotatingFileHandler", "TimedRotatingFileHandler", "makedirs", "mkdir", "remove"}
_WRITES_OWNER = {"write_text", "write_bytes", "mkdir", "touch", "unlink", "rmdir"}
_WRITING = re.compile(r"(?=.*[wax+])[rwaxbtU+]{1,4}")


@dataclass(frozen=True)
class Named:
    """A path that a line of code names, absolute or relative to the working folder."""

    path: str
    line: int
    from_file: bool


class Paths:
    """The paths of one file. `live` and `package` are those of `Speller`."""

    def __init__(self, file: File, live: Callable[[str], Any], package: Callable[[str], str | None]) -> None:
        self._file, self._speller = file, Speller(file, live, package)
        self._imported = imported_names(file)

    def named(self) -> Iterator[Named]:
        """Return all paths that the code names where it uses them."""
        every = list(nodes(self._file.tree))
        used = {node.id for node in every if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}
        parts = {id(part) for node in every for part in _no_text_of_its_own(node)}
        for node in every:
            parts.update(id(part) for path in _not_data(node, self._imported) for part in ast.walk(path))
            for target, value in assignments(node):
                # `DATA = HERE / "data"` is skipped if DATA is used: each use is examined instead.
                if isinstance(target, ast.Name) and target.id in used and self._speller.spelled(value) is not None:
                    parts.update(map(id, ast.walk(value)))
            if isinstance(node, ast.Call):
                in_call = [*node.args, *(each.value for each in node.keywords if each.arg in _PATH_KEYWORDS)]
                takes = terminal_name(node.func) in _TAKES_PATHS
                for argument in in_call if takes else in_call[len(node.args) :]:
                    for each in argument.elts if isinstance(argument, (ast.List, ast.Tuple)) else [argument]:
                        yield from self._of(each, parts, sure=True)
            if isinstance(node, ast.expr) and not isinstance(getattr(node, "ctx", None), ast.Store):
                yield from self._of(node, parts, sure=False)

    def import_entries(self) -> Iterator[str]:
        """Return the folders that the code puts on the import path: `sys.path.insert(0, folder)`."""
        for node in nodes(self._file.tree):
            for each in _import_path_entries(node, self._imported):
                folder = self._speller.spelled(each)
                if folder is not None and folder.is_whole:
                    yield os.path.abspath(folder.text)

    def _of(self, node: ast.expr, parts: set[int], *, sure: bool) -> Iterator[Named]:
        spelled = self._speller.spelled(node)
        if spelled is None or id(node) in parts:
            return
        parts.update(map(id, ast.walk(node)))
        is_text = "/" in spelled.text or "." in spelled.text
        if (sure or spelled.is_path or is_text) and spelled.path and "\0" not in spelled.path:
            yield Named(spelled.path, node.lineno, spelled.from_file)


def _no_text_of_its_own(node: ast.AST) -> list[ast.expr]:
    """Docstrings, and the constant parts of formatted texts."""
    if isinstance(node, ast.JoinedStr):
        return [part for part in node.values if isinstance(part, ast.Constant)]
    return [node.value] if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) else []


def _not_data(node: ast.AST, imported: Mapping[str, str]) -> list[ast.expr]:
    """Return the paths of a call that are not data: files that it writes, and folders of the import path."""
    if not isinstance(node, ast.Call):
        return []
    name = terminal_name(node.func)
    if name in _WRITES_ARGUMENT or (name == "open" and any(_is_writing(each) for each in _modes(node))):
        return [node.func, *node.args]
    if name in _WRITES_OWNER and isinstance(node.func, ast.Attribute):
        return [node.func.value]
    return _import_path_entries(node, imported)


def _modes(call: ast.Call) -> list[ast.expr]:
    """Return where the mode of `open(path, mode)` or `path.open(mode)` may be."""
    return [
        *call.args[isinstance(call.func, ast.Name) :],
        *(each.value for each in call.keywords if each.arg == "mode"),
    ]


def _is_writing(mode: ast.expr) -> bool:
    return isinstance(mode, ast.Constant) and isinstance(mode.value, str) and bool(_WRITING.fullmatch(mode.value))


def _import_path_entries(node: ast.AST, imported: Mapping[str, str]) -> list[ast.expr]:
    """Return the folders of `sys.path.insert(0, folder)` and its like."""
    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args):
        return []
    owner, method = node.func.value, node.func.attr
    on_path = method in ("insert", "append", "extend") and qualified_name(owner, imported) == "sys.path"
    if not on_path and method != "addsitedir":
        return []
    folders = node.args[-1]
    return list(folders.elts) if isinstance(folders, (ast.List, ast.Tuple)) else [folders]
