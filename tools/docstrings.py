"""Writes the docstrings of the components' constructors from the declarations of their arguments: `make docs`.

Editors show these docstrings at calls. With `--check` it writes nothing, and fails if a docstring is out of date.
"""

from __future__ import annotations

import ast
import importlib
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar

from pulumi_flyte.arguments.declaration import Declaration, Field, fields_of

D = TypeVar("D", ast.ClassDef, ast.FunctionDef)

FOLDER = Path(__file__).resolve().parents[1] / "components" / "pulumi_flyte"
COMPONENTS = ("App", "Task", "Secret", "Environment")
WIDTH = 120
INDENT = " " * 8
OPTIONS = "opts: Options of Pulumi, such as `parent`, `protect` and `depends_on`."


def with_arguments(source: str, name: str, declaration: type[Declaration]) -> str:
    """Return the source of a module with the arguments of `declaration` in the docstring of `name.__init__`."""
    component = _definition(ast.parse(source), ast.ClassDef, name)
    constructor = _definition(component, ast.FunctionDef, "__init__")
    summary = (ast.get_docstring(component) or "").partition("\n\n")[0]
    first = constructor.body[0]
    end = first.end_lineno if ast.get_docstring(constructor) else first.lineno - 1
    lines = source.splitlines()
    return "\n".join([*lines[: first.lineno - 1], *_docstring(summary, declaration), *lines[end:], ""])


def _definition(node: ast.AST, kind: type[D], name: str) -> D:
    (definition,) = (each for each in ast.iter_child_nodes(node) if isinstance(each, kind) and each.name == name)
    return definition


def _docstring(summary: str, declaration: type[Declaration]) -> Iterator[str]:
    yield from textwrap.wrap(f'"""{summary}', WIDTH, initial_indent=INDENT, subsequent_indent=INDENT)
    yield from ("", f"{INDENT}Args:", *_wrapped("resource_name: The Pulumi name."))
    for field in fields_of(declaration).values():
        yield from _wrapped(_description(field))
    yield from _wrapped(OPTIONS)
    yield f'{INDENT}"""'


def _description(field: Field) -> str:
    default = "" if field.about.default is None else f" Default: `{field.about.default}`."
    return f"{field.name}: {field.about.text}{default}"


def _wrapped(text: str) -> list[str]:
    """Return the lines of an argument's description."""
    first, later = f"{INDENT}    ", f"{INDENT}        "
    return textwrap.wrap(text, WIDTH, initial_indent=first, subsequent_indent=later, break_on_hyphens=False)


def main(arguments: list[str]) -> int:
    different = []
    for name in COMPONENTS:
        declaration = getattr(importlib.import_module(f"pulumi_flyte.arguments.{name.lower()}"), f"{name}Arguments")
        file = FOLDER / f"{name.lower()}.py"
        source = file.read_text()
        text = with_arguments(source, name, declaration)
        if text != source:
            different.append(name)
            if "--check" not in arguments:
                file.write_text(text)
    if different:
        print(f"docstrings: {', '.join(different)} {'differ' if '--check' in arguments else 'written'}")
    return int(bool(different) and "--check" in arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
