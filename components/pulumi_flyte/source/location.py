"""The location of a source: `file.py:attribute`, found below the program's folder."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple

from pulumi_flyte.errors import SourceError
from pulumi_flyte.problems import meant_by
from pulumi_flyte.source.layout import module_of, root_of, spelled_as_module


class Location(NamedTuple):
    """An attribute of a module below a root folder, which is on the import path."""

    root: Path
    module: str
    attribute: str

    @property
    def file(self) -> Path:
        """The module's file, or its package's `__init__.py`."""
        plain = self.root.joinpath(*self.module.split("."))
        return plain.with_suffix(".py") if plain.with_suffix(".py").exists() else plain / "__init__.py"


def parse(text: str, base: Path) -> Location:
    """Find `file.py:attribute` relative to the program's folder. Raises SourceError that says what is missing."""
    name, separator, attribute = text.rpartition(":")
    if not separator or not name or not attribute:
        raise SourceError(f'{text!r} is not a source: write "file.py:attribute", such as "backend.py:app"')
    return locate(text, name, attribute, base)


def locate(text: str, name: str, attribute: str, base: Path) -> Location:
    """Find an attribute of a file. Raises SourceError if there is no such file. `text` is what the user wrote.

    The root is the file's folder, or the folder above its outermost package (layout.root_of).
    """
    # A linked file stands where the link is: there are the modules that it imports.
    file = (base / name).parent.resolve() / Path(name).name
    if file.suffix != ".py":
        meant = spelled_as_module(name, base)
        hint = f": did you mean {f'{meant}:{attribute}'!r}?" if meant else ", such as backend.py:app"
        raise SourceError(f"{text!r}: a source is a Python file{hint}")
    if not file.is_file():
        raise SourceError(f"{text!r}: there is no file {name!r} in {near(base)}{_alike(file)}")
    if "." in file.stem:
        renamed = f"{file.stem.replace('.', '_')}.py"
        raise SourceError(f"{text!r}: a dot in a file's name separates packages: rename the file, such as {renamed!r}")
    root = root_of(file.parent, [file])
    return Location(root, module_of(file, root), attribute)


def near(folder: Path) -> str:
    """Return the name of a folder for messages: relative to the program's folder, without the machine's path."""
    here = Path.cwd()
    return "the program's folder" if folder == here else f"{os.path.relpath(folder, here)!r}"


def _alike(file: Path) -> str:
    if not file.parent.is_dir():
        return ""
    meant = meant_by(file.name, (path.name for path in file.parent.glob("*.py")))
    return f": did you mean {meant!r}?" if meant else ""
