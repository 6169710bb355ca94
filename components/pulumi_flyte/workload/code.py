"""The code that a workload carries: read and bundled."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal

from pulumi_flyte.engine.outputs import Text
from pulumi_flyte.errors import SourceError
from pulumi_flyte.problems import Problems
from pulumi_flyte.settings import Settings
from pulumi_flyte.source import loading
from pulumi_flyte.source.bundle import Bundle, collect
from pulumi_flyte.source.data import included
from pulumi_flyte.source.description import Description
from pulumi_flyte.source.loading import BundledSource
from pulumi_flyte.source.read_source import ReadSource
from pulumi_flyte.wiring.variables import placeholder_variables
from pulumi_flyte.workload.site import Site


def program_folder() -> Path:
    """Return the program's folder, where paths of sources start. The engine starts programs and plugins there."""
    return Path.cwd()


def read_source(
    source: str | ReadSource,
    kind: Literal["app", "task"],
    site: Site,
    env: Mapping[str, Text],
    include: Sequence[str],
    problems: Problems,
) -> BundledSource | None:
    """Read a `source` argument. A file that cannot be read is one more problem.

    The code sees the variables that its container will have, with placeholders for what is wired, secret or unknown.
    """
    settings = site.settings
    plain = {key: value if isinstance(value, str) else "placeholder" for key, value in {**settings.env, **env}.items()}
    stand_ins = {**plain, **placeholder_variables(kind, site.edges, settings.platform), **site.platform_variables}
    try:
        if isinstance(source, str):
            source = loading.read(source, base=program_folder(), python=python_of(settings), env=stand_ins)
        return loading.bundle(source, include)
    except SourceError as error:
        problems.add("source", str(error))
    except OSError as error:
        problems.add("source", f"{error.filename}: {error.strerror}")
    return None


def included_files(include: Sequence[str], problems: Problems) -> Bundle | None:
    """Return the bundle of a workload without a source: what `include` names below the program's folder."""
    if not include:
        return None
    root = program_folder()
    try:
        paths = [path for pattern in include for path in included(root, pattern, "include")]
    except SourceError as error:
        problems.add("include", str(error))
        return None
    return collect(root, {path: path for path in paths})


def python_of(settings: Settings) -> str | None:
    """Return the interpreter of `Environment(python=…)`, or None for the program's own.

    A relative path starts at the program's folder.
    """
    if settings.python is None:
        return None
    path = Path(settings.python).expanduser()
    return str(path if path.is_absolute() else program_folder() / path)


def lacking_data(bundled: BundledSource | None, include: Sequence[str]) -> list[str]:
    """Return warnings about data that the code names and its bundle lacks."""
    if bundled is None:
        return []
    discovered = bundled.description.name if bundled.source.discovered else None
    return bundled.missing.warnings(include, discovered=discovered)


def description_of(bundled: BundledSource | None) -> Description:
    """Return what the reader says of the source, and an empty description for a workload without one."""
    return Description() if bundled is None else bundled.description
