"""The data of a bundle: what `include` names, and what the code names and the bundle lacks."""

from __future__ import annotations

import errno
import os
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from pulumi_flyte.errors import SourceError
from pulumi_flyte.source.location import near

# Where build contexts of images are staged, below the program's folder.
STAGE = ".pulumi-flyte"


class MissingData(NamedTuple):
    """Data that the code names and the bundle does not have: path relative to the root -> the line that names it.

    `outside` are paths that no `include` reaches.
    """

    inside: Mapping[str, str]
    outside: Mapping[str, str]

    def warnings(self, include: Sequence[str], *, discovered: str | None = None) -> list[str]:
        """Return warnings that name the missing data and the argument that adds it.

        discovered: the name of the workload, if `discover` declared it.
        """
        warnings = []
        if self.inside:
            entries = ", ".join(f'"{path}"' for path in [*include, *sorted(self.inside)])
            argument = f"include=[{entries}]"
            if discovered is not None:
                argument = f'overrides={{"{discovered}": {{"include": [{entries}]}}}}'
            warnings.append(
                f"the code names data that the bundle does not contain: {_listed(self.inside)}. Add {argument}"
            )
        if self.outside:
            warnings.append(
                f"the code names data outside of the source's folder, which a bundle cannot contain:"
                f" {_listed(self.outside)}. Move it into that folder, and name it in include"
            )
        return warnings


def _listed(paths: Mapping[str, str]) -> str:
    return ", ".join(f"{path!r} ({line})" if line else repr(path) for path, line in sorted(paths.items()))


def missing_data(root: Path, lines: Mapping[str, str], carried: Collection[str]) -> MissingData:
    """Return the data that the code names and the bundle does not carry.

    lines: the line that names each path. A folder is missing if one of its files is.
    """
    inside: dict[str, str] = {}
    outside: dict[str, str] = {}
    for path, line in lines.items():
        if path.startswith(".."):
            if os.path.exists(root / path):
                outside[path] = line
        elif any(file not in carried for file in files_of(root, path)):
            inside[path] = line
    # A folder brings its files.
    covered = {path for path in inside for other in inside if path.startswith(f"{other}/")}
    return MissingData({path: line for path, line in inside.items() if path not in covered}, outside)


def included(root: Path, pattern: str, label: str) -> list[str]:
    """Return the files of an `include` entry: a file, a folder or a glob. Raises SourceError if it names none."""
    try:
        files = [] if os.path.isabs(pattern) or ".." in Path(pattern).parts else files_of(root, pattern)
    except ValueError as error:
        raise SourceError(f"{label}: include {pattern!r} is not a path or a glob: {error}") from None
    if not files:
        raise SourceError(f"{label}: include {pattern!r} names no file below {near(root)}")
    return files


def files_of(root: Path, pattern: str) -> list[str]:
    """Return the files below a path or a glob, relative to the root. Raises ValueError if it is neither."""
    try:
        matches = list(_matches(root, pattern))
    except OSError as error:
        if error.errno != errno.ENAMETOOLONG:
            raise
        return []  # no file can have such a name
    # What Python writes beside the code differs from machine to machine. Build contexts hold copies of these files.
    generated = {"__pycache__", STAGE}
    files = [path for path in matches if generated.isdisjoint(path.parts) and path.suffix != ".pyc"]
    return [path.relative_to(root).as_posix() for path in files if path.is_file()]


def _matches(root: Path, pattern: str) -> Iterator[Path]:
    path = root / pattern
    if path.is_file():
        yield path
    elif path.is_dir():
        # Links to folders are followed, as imports follow them.
        for place, folders, names in os.walk(path, followlinks=True):
            real = os.path.realpath(place)
            folders[:] = [name for name in folders if not real.startswith(os.path.realpath(os.path.join(place, name)))]
            yield from (Path(place, name) for name in names)
    else:
        yield from root.glob(pattern)
