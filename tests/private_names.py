"""The private names of other packages that a Python source uses, read from its syntax tree."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

PACKAGES = ("flyte", "flyteidl2", "pulumi", "uvicorn")
Finding = tuple[int, str]
"""A line, and the name as it would be written in full. `….name` is an attribute of an object of unknown type."""

# The names that uvicorn's documentation uses in Python code, and its loggers.
_UVICORN = {"Config", "Server", "run", "__version__"}
_LOGGERS = {"uvicorn.error", "uvicorn.access"}
# Private names of the standard library and of packages that the fences are not about.
_OTHERS = {
    "_exit",  # os
    "_getframe",  # sys
    "_SubParsersAction",  # argparse, for a type
    "_shutdown",  # threading
    "_run_exitfuncs",  # atexit
    "_asdict",  # named tuples, documented
    "_replace",  # named tuples, documented
    "_body",  # starlette's Request
    "_parent",  # fsspec
}
_IN_TEXT = re.compile(
    r"\b(?:flyte|flyteidl2|pulumi|uvicorn)(?:\.\w+)*\._(?!_)\w+|\buvicorn\.(?:protocols|lifespan|server)\b"
)
_IMPORT = re.compile(r"^\s*(?:from|import) (?:flyte|flyteidl2|pulumi|uvicorn)\b", re.MULTILINE)


def may_use_private_names(path: Path) -> bool:
    """Return whether a module may use private names of the packages. This saves parsing most modules."""
    text = path.read_text()
    return bool(_IMPORT.search(text) or _IN_TEXT.search(text))


def is_private(name: str) -> bool:
    return name.startswith("_") and not (name.startswith("__") and name.endswith("__"))


def package_of(path: Path) -> str | None:
    """The package whose private names a module may use."""
    return path.stem.removesuffix("_internals") if path.stem.endswith("_internals") else None


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


def imported_names(tree: ast.Module) -> dict[str, str]:
    """Return the full name of each name that a module imports from the packages."""
    names: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                names[alias.asname or alias.name.partition(".")[0]] = (
                    alias.name if alias.asname else alias.name.partition(".")[0]
                )
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            for alias in node.names:
                names[alias.asname or alias.name] = f"{node.module}.{alias.name}"
    return {name: meaning for name, meaning in names.items() if meaning.partition(".")[0] in PACKAGES}


def chain(node: ast.AST) -> list[str]:
    """The parts of `a.b.c`; empty for anything else."""
    if isinstance(node, ast.Name):
        return [node.id]
    if isinstance(node, ast.Attribute):
        inner = chain(node.value)
        return [*inner, node.attr] if inner else []
    return []


def is_refused(name: str) -> bool:
    """Check whether a full dotted name is private."""
    package, *parts = name.split(".")
    if package not in PACKAGES:
        return False
    if package == "uvicorn":
        return bool(parts) and parts[0] not in _UVICORN
    return any(is_private(part) for part in parts)


def by_import(tree: ast.Module) -> Iterator[Finding]:
    """The private names that are imported, or reached through what is imported."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)
    names = imported_names(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            first, *rest = chain(node) or [""]
            if first in names:
                yield node.lineno, ".".join([names[first], *rest])
        elif isinstance(node, ast.ClassDef):
            for base in node.bases:
                first, *rest = chain(base) or [""]
                meaning = ".".join([names.get(first, ""), *rest])
                if meaning == "uvicorn.Server":
                    yield node.lineno, "uvicorn.<a subclass of Server>"


def by_text(tree: ast.Module) -> Iterator[Finding]:
    """The private names inside of strings, such as `importlib.import_module("flyte._deploy")`, but for docstrings."""
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    docstrings = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, documented) and node.body and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
            for match in _IN_TEXT.finditer(node.value):
                yield node.lineno, match.group()


@cache
def own_attributes(house: Path) -> frozenset[str]:
    """The private attributes that the classes of a distribution define. The rest belongs to somebody else."""
    names = set(_OTHERS)
    for path in sorted(house.rglob("*.py")):
        if package_of(path):
            continue
        for node in ast.walk(tree_of(path)):
            if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store) and chain(node)[:1] == ["self"]:
                names.add(node.attr)
            elif isinstance(node, ast.ClassDef):
                for member in node.body:
                    if isinstance(member, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
                        names.add(member.name)
                    elif isinstance(member, ast.AnnAssign):
                        names.add(ast.unparse(member.target))
                    elif isinstance(member, ast.Assign):
                        names.update(map(ast.unparse, member.targets))
    return frozenset(names)


def of_strangers(tree: ast.Module, house: Path) -> Iterator[Finding]:
    """Private attributes of objects whose type is not written, where nothing of ours has an attribute of that name."""
    for node in ast.walk(tree):
        name = None
        if not isinstance(node, ast.expr):
            continue
        if isinstance(node, ast.Attribute):
            name = node.attr
        elif isinstance(node, ast.Call) and chain(node.func)[-1:] in (
            ["getattr"],
            ["setattr"],
            ["hasattr"],
            ["delattr"],
        ):
            name = constant(node.args[1]) if len(node.args) > 1 else None
        elif isinstance(node, ast.Call) and chain(node.func)[-1:] == ["attrgetter"] and node.args:
            name = constant(node.args[0])
        elif isinstance(node, ast.Subscript) and re.search(r"^vars\(|\.__dict__$", ast.unparse(node.value)):
            name = constant(node.slice)
        if name and is_private(name) and name not in own_attributes(house):
            yield node.lineno, f"….{name}"


def constant(node: ast.expr) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def of_other_packages(path: Path, findings: Iterable[Finding]) -> Iterator[Finding]:
    """Yield the findings of packages that this module is not an adapter for."""
    for line, name in findings:
        package = name.partition(".")[0].removesuffix("idl2")
        if is_refused(name) and name not in _LOGGERS and package != package_of(path):
            yield line, name
