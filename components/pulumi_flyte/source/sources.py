"""Sources: `file.py:attribute`, read by a process of the program's interpreter, never imported here.

A reading is cached by the content of every file that took part in it, so that a preview without changes starts no
process. The cache is machine-local and holds nothing that state depends on.
"""

from __future__ import annotations

import difflib
import hashlib
import json
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pulumi_flyte.errors import SourceError
from pulumi_flyte.source import staging
from pulumi_flyte.source.bundle import Bundle, collect
from pulumi_flyte.source.description import Description, Footprint, describe
from pulumi_flyte.source.inclusion import Lacking, included, lacking, near
from pulumi_flyte.source.layout import module_of, root_of, spelled_as_module
from pulumi_flyte.source.reading import read

_FORMAT = 6


@dataclass(frozen=True)
class Source:
    """Where a source is: its root folder (what is on the import path), module and attribute."""

    root: Path
    module: str
    attribute: str

    @property
    def file(self) -> Path:
        """The module's file, or its package's `__init__.py`."""
        plain = self.root.joinpath(*self.module.split("."))
        return plain.with_suffix(".py") if plain.with_suffix(".py").exists() else plain / "__init__.py"


@dataclass(frozen=True)
class Reading:
    """What a source is and the files that it consists of."""

    source: Source
    description: Description
    bundle: Bundle
    lacking: Lacking


def parse(text: str, base: Path) -> Source:
    """`file.py:attribute` relative to the program's folder. Raises SourceError that says what is missing.

    The root is the file's folder, or the folder above its outermost package (layout.root_of).
    """
    name, separator, attribute = text.rpartition(":")
    if not separator or not name or not attribute:
        raise SourceError(f'{text!r} is not a source: write "file.py:attribute", such as "backend.py:app"')
    return locate(text, name, attribute, base)


def locate(text: str, name: str, attribute: str, base: Path) -> Source:
    """An attribute of a file. Raises SourceError where there is no such file; `text` is what the user wrote."""
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
    return Source(root, module_of(file, root), attribute)


class KnownSource(str):
    """A source that was read together with others: `file.py:attribute` that brings what the reader said of it."""

    source: Source
    description: Description

    def __new__(cls, text: str, source: Source, description: Description) -> KnownSource:
        self = super().__new__(cls, text)
        self.source, self.description = source, description
        return self


def load(text: str, *, base: Path, python: str | None, env: Mapping[str, str], include: Sequence[str] = ()) -> Reading:
    """Reads a source, from the cache where nothing changed. Raises SourceError with one clear sentence.

    `env` is the placeholder environment of the container, `python` the interpreter (default: this one).
    """
    if isinstance(text, KnownSource):
        source, description = text.source, text.description
    else:
        source = parse(text, base)
        place = {"root": str(source.root), "module": source.module, "attribute": source.attribute}
        description = describe(read_cached(python or sys.executable, {**place, "env": dict(env)}, label=text))
    bundle = _bundle(source, description, include, text)
    carried = {*bundle.files, *(description.image.files if description.image else ())}
    return Reading(source, description, bundle, lacking(source.root, description.footprint.named, carried))


def read_cached(interpreter: str, request: Mapping[str, Any], *, label: str) -> dict[str, Any]:
    """The reader's answer to a request, kept until a file that took part in it changes. Raises SourceError."""
    record, root = _record(interpreter, request), Path(request["root"])
    answer = _cached(record, root)
    if answer is None:
        answer = read(interpreter, request, label=label)
        if answer.get("problems") or answer.get("volatile"):  # may be different without a change of these files
            return answer
        seen = _seen(Footprint.parse(answer), root)
        staging.write(record, json.dumps({"seen": seen, "answer": answer}).encode())
    return answer


def _seen(footprint: Footprint, root: Path) -> dict[str, Any]:
    """The state of all that took part in a reading: contents of files, names in folders, modules that are not there.

    Raises OSError where a file is gone.
    """
    files = {*footprint.files.values(), *footprint.read}
    absent = (f"{root}/{place}{suffix}" for place in footprint.absent for suffix in ("", ".py"))
    return {
        "files": {path: hashlib.sha256((root / path).read_bytes()).hexdigest() for path in sorted(files)},
        "folders": {path: _names_in(root / path) for path in footprint.listed},
        "appeared": [path for path in absent if os.path.lexists(path)],
    }


def _names_in(folder: Path) -> list[str]:
    return sorted(name for name in os.listdir(folder) if name != "__pycache__") if folder.is_dir() else []


def _bundle(source: Source, description: Description, include: Sequence[str], text: str) -> Bundle:
    files = dict(description.footprint.files)
    if source.file.is_file():
        own = source.file.relative_to(source.root).as_posix()
        files[own] = own
    for pattern in (*include, *description.include):
        files |= {path: path for path in included(source.root, pattern, text)}
    return collect(source.root, files)


def _record(interpreter: str, request: Mapping[str, Any]) -> Path:
    """Where a reading is cached: by everything but the files' contents."""
    site = Path(interpreter).parent.parent / "lib"
    packages = sorted(str(p.stat().st_mtime_ns) for p in site.glob("python*/site-packages"))
    key = json.dumps([_FORMAT, request, interpreter, packages, os.environ.get("PYTHONPATH")], sort_keys=True)
    return staging.cache() / "readings" / f"{hashlib.sha256(key.encode()).hexdigest()}.json"


def _cached(record: Path, root: Path) -> dict[str, Any] | None:
    try:
        kept = json.loads(record.read_bytes())
        answer: dict[str, Any] = kept["answer"]
        return answer if kept["seen"] == _seen(Footprint.parse(answer), root) else None
    except (OSError, ValueError, KeyError):
        return None


def _alike(file: Path) -> str:
    if not file.parent.is_dir():
        return ""
    names = [path.name for path in file.parent.glob("*.py")]
    close = difflib.get_close_matches(file.name, names, n=1)
    return f": did you mean {close[0]!r}?" if close else ""
