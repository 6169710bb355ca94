"""A program's folder: its project, and a place for a run of it that leaves no file and no module behind."""

from __future__ import annotations

import atexit
import contextlib
import functools
import os
import runpy
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import yaml

from pulumi_flyte.errors import SourceError
from pulumi_flyte.source import staging

# A run in a folder that has these packages inside, such as this repository, does not import them anew.
_OURS = ("pulumi_flyte", "pulumi_flyte_provider", "pulumi_flyte_review", "flyte_runtime", "flyte_local")


class Project(NamedTuple):
    """The parts of a Pulumi.yaml that a test needs: the name, and the configuration of all stacks."""

    name: str = "project"
    configuration: Mapping[str, str] = {}


def project_of(folder: Path) -> Project:
    """Return the project of a folder, or of the nearest one above it that has one. Without any, return a default."""
    for each in (folder, *folder.parents):
        file = each / "Pulumi.yaml"
        if file.is_file():
            try:
                document = yaml.safe_load(file.read_text(encoding="utf-8")) or {}
            except (yaml.YAMLError, UnicodeDecodeError) as error:
                raise SourceError(f"{file} is not YAML: {error}") from None
            if not isinstance(document, dict):
                raise SourceError(f"{file} is not a Pulumi project: a mapping with a `name`")
            entries = document.get("config")
            values = _values(entries) if isinstance(entries, dict) else {}
            return Project(str(document.get("name", Project().name)), values)
    return Project()


def run_file(path: Path) -> None:
    """Run a program's file, or the `__main__.py` of its folder."""
    runpy.run_path(str(path), run_name="__main__")


@contextlib.contextmanager
def inside(folder: Path) -> Iterator[None]:
    """Run in a folder, as `pulumi up` does. Modules of this folder that are imported meanwhile are forgotten after it,
    so that the next run executes them anew. The cache of sources is a temporary folder of this process."""
    cwd, path, modules, writes_bytecode = os.getcwd(), list(sys.path), set(sys.modules), sys.dont_write_bytecode
    cache = os.environ.get(staging.CACHE_VARIABLE)
    os.chdir(folder)
    sys.path.insert(0, str(folder))
    sys.dont_write_bytecode = True
    if cache is None:
        os.environ[staging.CACHE_VARIABLE] = _temporary_cache()
    try:
        yield
    finally:
        os.chdir(cwd)
        sys.path[:] = path
        sys.dont_write_bytecode = writes_bytecode
        if cache is None:
            del os.environ[staging.CACHE_VARIABLE]
        for name in [name for name in sys.modules.keys() - modules if _belongs_to(name, folder)]:
            del sys.modules[name]


def _belongs_to(name: str, folder: Path) -> bool:
    file = getattr(sys.modules[name], "__file__", None)
    if name.partition(".")[0] in _OURS or not isinstance(file, str):
        return False
    return Path(file).is_relative_to(folder) and not {"site-packages", "dist-packages"} & set(Path(file).parts)


@functools.cache
def _temporary_cache() -> str:
    path = tempfile.mkdtemp(prefix="pulumi-flyte-test-")
    atexit.register(shutil.rmtree, path, ignore_errors=True)
    return path


def _values(entries: Mapping[str, object]) -> dict[str, str]:
    values: dict[str, str] = {}
    for key, entry in entries.items():
        value = entry.get("value", entry.get("default")) if isinstance(entry, dict) else entry
        if value is not None and not isinstance(value, (dict, list)):
            values[str(key)] = str(value).lower() if isinstance(value, bool) else str(value)
    return values
