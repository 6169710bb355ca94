"""Reads from a file's syntax which modules it can import: at its top, inside functions, and by literal names."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.util import resolve_name
from pathlib import Path

# Functions that take the name of a module as their first argument.
_BY_NAME = {"import_module", "__import__", "find_spec", "run_module", "resolve_name"}
# Functions that go through the modules of a package's `__path__`.
_GO_THROUGH = {"iter_modules", "walk_packages"}
EVERY_MODULE = ".*"


@dataclass(frozen=True)
class File:
    """A parsed file of the program's. `module` is the name under which it is imported, if it is."""

    path: Path
    tree: ast.Module
    module: str | None

    @property
    def package(self) -> str:
        """The package that relative imports of the file start from. It is empty for a top-level module."""
        module = self.module or ""
        return module if self.path.stem == "__init__" else module.rpartition(".")[0]


def assignments(node: ast.AST) -> list[tuple[ast.expr, ast.expr]]:
    """Return the targets of an assignment, each with the value."""
    if isinstance(node, ast.Assign):
        return [(target, node.value) for target in node.targets]
    if isinstance(node, (ast.AnnAssign, ast.NamedExpr)) and node.value is not None:
        return [(node.target, node.value)]
    return []


def parse(path: Path, module: str | None) -> File | None:
    """Parse a file. Return None for what Python cannot read: an extension module, an unfinished file."""
    try:
        return File(path, ast.parse(path.read_bytes()), module) if path.suffix == ".py" else None
    except (OSError, SyntaxError, ValueError, RecursionError):
        return None


def nodes(tree: ast.AST) -> Iterator[ast.AST]:
    """Walk all code that can run in a container. Code for type checkers and scripts' own parts are left out."""
    waiting: list[ast.AST] = [tree]
    while waiting:
        node = waiting.pop()
        yield node
        waiting += node.orelse if isinstance(node, ast.If) and is_never_run(node.test) else ast.iter_child_nodes(node)


def is_never_run(test: ast.expr) -> bool:
    """Check for the test of code that no container runs: code for type checkers, and a script's own part."""
    if isinstance(test, ast.Compare):
        return isinstance(test.left, ast.Name) and test.left.id == "__name__"
    return terminal_name(test) == "TYPE_CHECKING"


def terminal_name(node: ast.expr) -> str:
    """Return the last part of a dotted name: `join` of `os.path.join`."""
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def imported_modules(file: File) -> Iterator[str]:
    """Name the modules that a file imports whenever its code runs.

    `package.*` stands for every module of a package, where the code makes up a name in it or goes through them all.
    """
    names = imported_names(file)
    for node in nodes(file.tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            target = absolute("." * node.level + (node.module or ""), file)
            if target:
                yield target
                # `from package import x`: x is a module of its own, or a name in the package.
                yield from (f"{target}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Call) and node.args:
            name = None
            if _is_import(node, names):
                name = _literal_name(node.args[0], file)
            elif terminal_name(node.func) in _GO_THROUGH:
                name = _package_of_path(node.args[0], names, file)
            target = absolute(name.partition(":")[0], file) if name else None
            if target:
                yield target
        elif isinstance(node, ast.Assign) and [terminal_name(each) for each in node.targets] == ["__all__"]:
            # `from package import *` imports the modules that `__all__` names.
            yield from (f"{file.package}.{name}" for name in _strings(node.value) if file.path.stem == "__init__")


def possible_modules(file: File) -> Iterator[str]:
    """All strings that may be modules' names, in a file that imports by a name which is not spelled in the call.

    So `for name in ["routes.users", "routes.items"]: import_module(name)` is understood.
    """
    names = imported_names(file)
    every = list(nodes(file.tree))
    calls = [node for node in every if isinstance(node, ast.Call) and node.args and _is_import(node, names)]
    if any(_literal_name(call.args[0], file) is None for call in calls):
        for node in every:
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                name = node.value.partition(":")[0]
                if name and all(part.isidentifier() for part in name.split(".")):
                    yield name


def _is_import(call: ast.Call, names: Mapping[str, str]) -> bool:
    function = terminal_name(call.func)
    return names.get(function, function).rpartition(".")[2] in _BY_NAME


def imported_names(file: File) -> Mapping[str, str]:
    """Return the names that imports bind, each with its meaning: `np` of `import numpy as np` means `numpy`."""
    names = {}
    for node in nodes(file.tree):
        if isinstance(node, ast.Import):
            names.update({alias.asname or alias.name: alias.name for alias in node.names})
        elif isinstance(node, ast.ImportFrom):
            target = absolute("." * node.level + (node.module or ""), file) or ""
            names.update({alias.asname or alias.name: f"{target}.{alias.name}" for alias in node.names})
    return names


def qualified_name(node: ast.expr, names: Mapping[str, str]) -> str:
    """Return a dotted name as the imports of its file resolve it: `sys.path` for `path` of `from sys import path`."""
    dotted = ast.unparse(node)
    if dotted in names:
        return names[dotted]
    first, dot, tail = dotted.partition(".")
    return f"{names.get(first, first)}{dot}{tail}"


def _package_of_path(node: ast.expr, names: Mapping[str, str], file: File) -> str | None:
    """`plugins.*` for `pkgutil.iter_modules(plugins.__path__)`."""
    if terminal_name(node) != "__path__":
        return None
    if isinstance(node, ast.Name):
        return f"{file.package}{EVERY_MODULE}"
    return f"{qualified_name(node, names).removesuffix('.__path__')}{EVERY_MODULE}"


def absolute(name: str, file: File) -> str | None:
    """Resolve a relative name from the file's package. Return None if there is no such package."""
    try:
        return resolve_name(name, file.package) if name.startswith(".") else name or None
    except ImportError:
        return None


def _literal_name(node: ast.expr, file: File) -> str | None:
    """A module's name as far as the code spells it: `"plugins." + name` and `f"plugins.{name}"` are `plugins.*`."""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else None
    if isinstance(node, ast.JoinedStr):
        parts: list[ast.expr] = [part.value if isinstance(part, ast.FormattedValue) else part for part in node.values]
    elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        parts = _summands(node)
    else:
        return None
    spelled = ""
    for part in parts:
        if isinstance(part, ast.Constant) and isinstance(part.value, str):
            spelled += part.value
        elif terminal_name(part) in ("__name__", "__package__"):
            spelled += file.package if terminal_name(part) == "__package__" else file.module or ""
        else:
            package = spelled.rpartition(".")[0] or ("." if spelled == "." else "")
            return f"{package.rstrip('.')}{EVERY_MODULE}" if package else None
    return spelled


def _summands(node: ast.expr) -> list[ast.expr]:
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return [*_summands(node.left), *_summands(node.right)]
    return [node]


def _strings(node: ast.expr) -> list[str]:
    elements = node.elts if isinstance(node, (ast.List, ast.Tuple)) else []
    return [each.value for each in elements if isinstance(each, ast.Constant) and isinstance(each.value, str)]
