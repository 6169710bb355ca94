"""A file or a folder of existing Flyte code: every workload that it defines, read at once by one process."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from pulumi_flyte.discovery.plan import Workload
from pulumi_flyte.discovery.request import CodebaseRequest, FlyteApi
from pulumi_flyte.errors import SourceError
from pulumi_flyte.problems import Problem
from pulumi_flyte.source import cache, location
from pulumi_flyte.source.description import Json, TaskDescription, describe_flyte
from pulumi_flyte.source.layout import module_of, root_of
from pulumi_flyte.source.location import Location
from pulumi_flyte.source.read_source import ReadSource

# Folders that hold no code of the program's own.
_FOREIGN = {"__pycache__", "node_modules", "site-packages"}


@dataclass(frozen=True)
class Codebase:
    """Modules below a root; with an attribute, one environment of the only module and what it depends on.

    `base` is the program's folder, and `text` what the user wrote.
    """

    text: str
    base: Path
    root: Path
    modules: tuple[str, ...]
    attribute: str | None = None


@dataclass(frozen=True)
class Contents:
    """The workloads that a code base defines, in the order of its environments, and what is wrong with others."""

    workloads: tuple[Workload, ...]
    problems: tuple[Problem, ...]


def locate(text: str, base: Path) -> Codebase:
    """Find `file.py`, `file.py:environment` or a folder, relative to the program's folder.

    Raises SourceError that says what is missing.
    """
    folder = (base / text).resolve()
    if text and folder.is_dir():
        files = list(_python_files(folder))
        root = root_of(folder, files)
        modules = tuple(sorted(module_of(file, root) for file in files))
        if not modules:
            raise SourceError(f"{text!r}: there is no Python file in this folder")
        return Codebase(text, base, root, modules)
    name, separator, attribute = text.partition(":")
    if not name.endswith(".py"):
        raise SourceError(f'{text!r}: there is no such folder: write "folder/", "file.py" or "file.py:environment"')
    place = location.locate(text, name, attribute, base)
    if separator and not attribute:
        raise SourceError(f'{text!r}: write "file.py", or "file.py:environment" for one environment of the file')
    return Codebase(text, base, place.root, (place.module,), attribute or None)


def _python_files(folder: Path) -> Iterator[Path]:
    """Yield all below the folder, without virtual environments, hidden folders, and the program itself."""
    for place, folders, files in os.walk(folder):
        here = Path(place)
        folders[:] = sorted(
            name
            for name in folders
            if name not in _FOREIGN and not name.startswith(".") and not (here / name / "pyvenv.cfg").exists()
        )
        yield from (here / name for name in sorted(files) if name.endswith(".py") and name != "__main__.py")


def read(codebase: Codebase, *, python: str | None, env: Mapping[str, str], api: FlyteApi | None = None) -> Contents:
    """Read what the code defines. Raises SourceError if it cannot be read at all, or defines nothing.

    `python` is the interpreter (default: this one), and `env` what the code sees. `api` is for parameters that Flyte
    resolves when it deploys.
    """
    request = CodebaseRequest(
        text=codebase.text,
        interpreter=python or sys.executable,
        root=codebase.root,
        env=env,
        modules=codebase.modules,
        attribute=codebase.attribute,
        api=api,
    )
    answer = cache.answer(request)
    problems = tuple(Problem(path, reason) for path, reason in answer["problems"])
    workloads = tuple(_workload(each, codebase) for each in answer["workloads"])
    if not workloads and not problems:
        raise SourceError(
            f"{codebase.text!r} defines no Flyte workload: a flyte.TaskEnvironment with tasks, or an AppEnvironment"
        )
    return Contents(workloads, problems)


def _workload(answer: Json, codebase: Codebase) -> Workload:
    place = Location(codebase.root, answer["module"], answer["attribute"])
    text = f"{os.path.relpath(place.file, codebase.base)}:{place.attribute}"
    description = describe_flyte(answer)
    return Workload(
        name=description.name,
        kind="task" if isinstance(description, TaskDescription) else "app",
        environment=answer["environment"],
        source=ReadSource(text, place, description, discovered=True),
        depends_on=description.depends_on,
        endpoints=tuple(answer["endpoints"]),
        secrets=description.secrets,
    )
