"""Evaluates the texts that code spells: constants, `Path(__file__).parent / "templates"`, names, formatted texts.

The code does not run. A path that is put together from values that only a running program has is followed as far as
the code spells it: `DATA / name` is the folder `DATA`.
"""

from __future__ import annotations

import ast
import os
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import PurePath
from typing import Any

from .inspection import is_a, text
from .syntax import File, assignments, nodes, terminal_name

_SAME = {"resolve", "absolute", "expanduser", "as_posix", "fspath", "abspath", "realpath", "normpath", "str"}
_JOINS = {"join", "joinpath"}
_PATHS = {"Path", "PurePath", "PosixPath", "PurePosixPath"}
# What begins a part that the program fills in: a glob, `str.format`, `%`.
_OPEN = re.compile(r"[*{%]")
# Functions that take a package and the rest of a path.
_OF_PACKAGES = {"files", "get_data", "read_text", "read_binary", "open_text", "open_binary", "PackageLoader"}


@dataclass(frozen=True)
class Spelled:
    """A text that code spells. `is_path`: it is surely a path. `is_whole`: nothing unknown follows."""

    text: str
    is_path: bool = False
    is_whole: bool = True
    from_file: bool = False

    def joined(self, other: Spelled | None) -> Spelled:
        """This path followed by another, as far as both are known."""
        if not self.is_whole or other is None or not other.text:
            return replace(self, is_path=True, is_whole=self.is_whole and other is not None and other.is_whole)
        text = os.path.join(self.text, other.text)
        return replace(self, text=text, is_path=True, is_whole=other.is_whole)

    def added(self, other: Spelled | None) -> Spelled:
        """This text with another appended."""
        if not self.is_whole or other is None:
            return replace(self, text=os.path.dirname(self.text), is_whole=False) if self.is_whole else self
        return Spelled(
            self.text + other.text, self.is_path or other.is_path, other.is_whole, self.from_file or other.from_file
        )

    @property
    def path(self) -> str:
        """The path. With a wildcard or a field to fill in, it is the folder that is certain."""
        certain = _OPEN.split(self.text, maxsplit=1)[0]
        return self.text if certain == self.text else os.path.dirname(certain)


class Speller:
    """Evaluates the expressions of one file.

    `live` answers for a name or a dotted name that another module gives a value; `package` finds a package's folder.
    """

    def __init__(self, file: File, live: Callable[[str], Any], package: Callable[[str], str | None]) -> None:
        self._file, self._live, self._package = file, live, package
        self._values: dict[str, list[ast.expr]] = {}
        for node in nodes(file.tree):
            for target, value in assignments(node):
                if isinstance(target, ast.Name):
                    self._values.setdefault(target.id, []).append(value)
        self._evaluating: set[int] = set()

    def spelled(self, node: ast.expr) -> Spelled | None:
        """Return the text of an expression, or None if it is not a text or begins with something unknown."""
        try:
            return self._evaluate(node)
        except RecursionError:
            return None

    def _evaluate(self, node: ast.expr) -> Spelled | None:
        if isinstance(node, ast.Constant):
            return Spelled(node.value) if isinstance(node.value, str) else None
        if isinstance(node, ast.Name):
            return self._name(node)
        if isinstance(node, ast.Attribute):
            return self._attribute(node)
        if isinstance(node, ast.Subscript):
            return self._parents(node)
        if isinstance(node, ast.JoinedStr):
            return self._formatted(node)
        if isinstance(node, ast.BinOp):
            left = self._evaluate(node.left)
            if left is not None and isinstance(node.op, ast.Div):
                return left.joined(self._evaluate(node.right))
            return left.added(self._evaluate(node.right)) if left and isinstance(node.op, ast.Add) else None
        return self._call(node) if isinstance(node, ast.Call) else None

    def _name(self, node: ast.Name) -> Spelled | None:
        if node.id == "__file__":
            return Spelled(str(self._file.path), is_path=True, from_file=True)
        # The nearest assignment above counts. A function may stand above the constant that it uses.
        values = sorted(self._values.get(node.id, ()), key=lambda value: value.lineno)
        above = [value for value in values if value.lineno < node.lineno]
        value = above[-1] if above else values[0] if values else None
        if value is None or id(value) in self._evaluating:
            return None if values else self._known(node.id)
        self._evaluating.add(id(value))
        try:
            return self._evaluate(value) or self._known(node.id)
        finally:
            self._evaluating.discard(id(value))

    def _known(self, name: str) -> Spelled | None:
        """Return the value that a name has in the module that was imported."""
        value = self._live(name)
        if is_a(value, PurePath):
            return Spelled(str(value), is_path=True, from_file=True)
        plain = text(value)
        return None if plain is None else Spelled(plain)

    def _attribute(self, node: ast.Attribute) -> Spelled | None:
        inner = self._evaluate(node.value)
        if inner is not None:
            is_parent = node.attr == "parent" and inner.is_whole
            return replace(inner, text=os.path.dirname(inner.text)) if is_parent else None
        owner = terminal_name(node.value) if isinstance(node.value, ast.Name) else ""
        return self._known(f"{owner}.{node.attr}") if owner else None

    def _parents(self, node: ast.Subscript) -> Spelled | None:
        """`path.parents[1]`."""
        if not (isinstance(node.value, ast.Attribute) and node.value.attr == "parents"):
            return None
        inner, number = self._evaluate(node.value.value), node.slice
        if inner is None or not (isinstance(number, ast.Constant) and isinstance(number.value, int)):
            return None
        above = list(PurePath(inner.text).parents)
        return replace(inner, text=str(above[number.value])) if -1 < number.value < len(above) else None

    def _formatted(self, node: ast.JoinedStr) -> Spelled | None:
        whole = Spelled("")
        for part in node.values:
            whole = whole.added(self._evaluate(part.value if isinstance(part, ast.FormattedValue) else part))
        return whole if whole.text else None

    def _call(self, node: ast.Call) -> Spelled | None:
        name = terminal_name(node.func)
        if name in _OF_PACKAGES and node.args:
            return self._in_package(node)
        owner = self._evaluate(node.func.value) if isinstance(node.func, ast.Attribute) else None
        if name in ("cwd", "getcwd"):
            return Spelled(os.getcwd(), is_path=True)
        arguments: list[Any] = list(node.args)
        if name in _SAME or name == "dirname":
            inner = owner if owner is not None and owner.is_path else None
            if inner is None and arguments:
                inner = self._evaluate(arguments[0])
            if inner is None or name != "dirname":
                return inner
            return replace(inner, text=os.path.dirname(inner.text), is_path=True)
        if name in _PATHS or name in _JOINS:
            if name == "join" and owner is not None:
                return None  # `", ".join(words)`
            path = owner if owner is not None else self._evaluate(arguments.pop(0)) if arguments else None
            for argument in arguments:
                path = None if path is None else path.joined(self._evaluate(argument))
            return None if path is None else replace(path, is_path=True)
        return None

    def _in_package(self, node: ast.Call) -> Spelled | None:
        """`importlib.resources.files("shop")`, `pkgutil.get_data("shop", "page.html")`."""
        first, *others = node.args
        if terminal_name(first) in ("__package__", "__name__"):
            name: str | None = self._file.package
        else:
            value = self._evaluate(first)
            name = value.text if value is not None else None
        folder = self._package(name) if name else None
        spelled = None if folder is None else Spelled(folder, is_path=True, from_file=True)
        for argument in others if spelled is not None else ():
            if isinstance(argument, ast.Constant) and isinstance(argument.value, str) and spelled is not None:
                spelled = spelled.joined(Spelled(argument.value))
        return spelled
