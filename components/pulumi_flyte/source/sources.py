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
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pulumi_flyte.errors import SourceError
from pulumi_flyte.source import staging
from pulumi_flyte.source.bundle import Bundle, collect
from pulumi_flyte.source.reading import read

_FORMAT = 4


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
    """What a source is and the files that it consists of.

    `described` is the reader's answer: `kind` (asgi, app_environment, task) and, for Flyte objects, their spec.
    """

    source: Source
    described: Mapping[str, Any]
    bundle: Bundle

    @property
    def kind(self) -> str:
        """`asgi`, `app_environment` or `task`."""
        return str(self.described["kind"])


def parse(text: str, base: Path) -> Source:
    """`file.py:attribute` relative to the program's folder. Raises SourceError that says what is missing.

    The root is the file's folder, or the folder above its outermost package.
    """
    name, separator, attribute = text.rpartition(":")
    if not separator or not name or not attribute:
        raise SourceError(f'{text!r} is not a source: write "file.py:attribute", such as "backend.py:app"')
    return locate(text, name, attribute, base)


def locate(text: str, name: str, attribute: str, base: Path) -> Source:
    """An attribute of a file. Raises SourceError where there is no such file; `text` is what the user wrote."""
    file = (base / name).resolve()
    if file.suffix != ".py":
        raise SourceError(f"{text!r}: a source is a Python file, such as backend.py:app")
    if not file.is_file():
        raise SourceError(f"{text!r}: there is no file {name!r} in {_near(base)}{_alike(file)}")
    root = root_of(file.parent)
    return Source(root, module_of(file, root), attribute)


def root_of(folder: Path) -> Path:
    """What is on the import path for code in a folder: itself, or the folder above its outermost package."""
    while (folder / "__init__.py").exists():
        folder = folder.parent
    return folder


def module_of(file: Path, root: Path) -> str:
    """The name under which a file is imported; a package for its `__init__.py`."""
    parts = file.relative_to(root).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" and len(parts) > 1 else parts)


class KnownSource(str):
    """A source that was read together with others: `file.py:attribute` that brings what the reader said of it."""

    source: Source
    described: Mapping[str, Any]

    def __new__(cls, text: str, source: Source, described: Mapping[str, Any]) -> KnownSource:
        self = super().__new__(cls, text)
        self.source, self.described = source, described
        return self


def load(text: str, *, base: Path, python: str | None, env: Mapping[str, str], include: Sequence[str] = ()) -> Reading:
    """Reads a source, from the cache where nothing changed. Raises SourceError with one clear sentence.

    `env` is the placeholder environment of the container, `python` the interpreter (default: this one).
    """
    if isinstance(text, KnownSource):
        source, described = text.source, text.described
    else:
        source = parse(text, base)
        place = {"root": str(source.root), "module": source.module, "attribute": source.attribute}
        described = read_cached(python or sys.executable, {**place, "env": dict(env)}, label=text)
    bundle = _bundle(source, described, include, text)
    carried = {*bundle.files, *described.get("image", {}).get("files", ())}
    absent = [path for path in described["read"] if path not in carried]
    return Reading(source, {**described, "absent": absent}, bundle)


def read_cached(interpreter: str, request: Mapping[str, Any], *, label: str) -> dict[str, Any]:
    """The reader's answer to a request, kept until a file that took part in it changes. Raises SourceError."""
    record, root = _record(interpreter, request), Path(request["root"])
    described = _cached(record, root)
    if described is None:
        described = read(interpreter, request, label=label)
        used = (*described["files"], *described["read"])
        digests = {path: hashlib.sha256((root / path).read_bytes()).hexdigest() for path in used}
        if described.get("problems") or described.get("volatile"):  # may be different without a change of these files
            return described
        staging.write(record, json.dumps({"files": digests, "described": described}).encode())
    return described


def _bundle(source: Source, described: Mapping[str, Any], include: Sequence[str], text: str) -> Bundle:
    files = set(described["files"])
    if source.file.is_file():
        files.add(source.file.relative_to(source.root).as_posix())
    for pattern in (*include, *described.get("include", ())):
        files.update(included(source.root, pattern, text))
    return collect(source.root, sorted(files))


def included(root: Path, pattern: str, label: str) -> list[str]:
    """The files that one `include` entry names: a file, a folder, or a glob. Raises SourceError where it names none."""
    try:
        matches = [] if os.path.isabs(pattern) or ".." in Path(pattern).parts else list(_matches(root, pattern))
    except ValueError as error:
        raise SourceError(f"{label}: include {pattern!r} is not a path or a glob: {error}") from None
    # What Python itself writes beside the code differs from machine to machine.
    own = [path for path in matches if path.is_file() and "__pycache__" not in path.parts and path.suffix != ".pyc"]
    files = [path.relative_to(root).as_posix() for path in own]
    if not files:
        raise SourceError(f"{label}: include {pattern!r} names no file below {_near(root)}")
    return files


def _matches(root: Path, pattern: str) -> Iterator[Path]:
    return (root / pattern).rglob("*") if (root / pattern).is_dir() else root.glob(pattern)


def _record(interpreter: str, request: Mapping[str, Any]) -> Path:
    """Where a reading is cached: by everything but the files' contents."""
    site = Path(interpreter).parent.parent / "lib"
    packages = sorted(str(p.stat().st_mtime_ns) for p in site.glob("python*/site-packages"))
    key = json.dumps([_FORMAT, request, interpreter, packages, os.environ.get("PYTHONPATH")], sort_keys=True)
    return staging.cache() / "readings" / f"{hashlib.sha256(key.encode()).hexdigest()}.json"


def _cached(record: Path, root: Path) -> dict[str, Any] | None:
    try:
        kept = json.loads(record.read_bytes())
        unchanged = all(
            hashlib.sha256((root / path).read_bytes()).hexdigest() == digest for path, digest in kept["files"].items()
        )
    except (OSError, ValueError, KeyError):
        return None
    described: dict[str, Any] = kept["described"]
    return described if unchanged else None


def _near(folder: Path) -> str:
    """A folder as the user knows it, without the machine's path where it is the program's own."""
    here = Path.cwd()
    return "the program's folder" if folder == here else f"{os.path.relpath(folder, here)!r}"


def _alike(file: Path) -> str:

    if not file.parent.is_dir():
        return ""
    names = [path.name for path in file.parent.glob("*.py")]
    close = difflib.get_close_matches(file.name, names, n=1)
    return f": did you mean {close[0]!r}?" if close else ""
