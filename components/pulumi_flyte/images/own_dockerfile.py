"""A user's own Dockerfile, with the files that it copies of the folder that it is in."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from pulumi_flyte.images.context import ContextFile
from pulumi_flyte.images.copied import copied_patterns, matching
from pulumi_flyte.images.dockerignore import IgnoreRules
from pulumi_flyte.problems import Problems
from pulumi_flyte.source.data import STAGE

_IGNORE_FILE = ".dockerignore"
# What only this machine has, and no image needs: it would be another image on each machine, or have secrets in it.
_LEFT_OUT = frozenset({".git", ".venv", "__pycache__", STAGE, "node_modules"})


@dataclass(frozen=True, slots=True)
class OwnDockerfile:
    """A Dockerfile and the files that it copies."""

    text: str
    files: Mapping[str, ContextFile]


def read_dockerfile(file: Path, path: str, problems: Problems) -> OwnDockerfile | None:
    """Read a Dockerfile. Its context is its own folder, as for Flyte's `Image.from_dockerfile`."""
    try:
        text = file.read_text()
        rules = IgnoreRules.parse(_ignore_file(file))
        copied = list(_copied(file.parent, copied_patterns(text), rules))
        for place in copied:
            problems.add(path, _link_problem(file.parent, place))
        return OwnDockerfile(text, {} if problems else {place: _read(file.parent / place) for place in copied})
    except (OSError, UnicodeDecodeError) as error:
        name = getattr(error, "filename", None) or file
        problems.add(path, f"{name} cannot be read: {getattr(error, 'strerror', None) or error}")
        return None


def _ignore_file(dockerfile: Path) -> str:
    for file in (dockerfile.with_name(f"{dockerfile.name}.dockerignore"), dockerfile.with_name(_IGNORE_FILE)):
        if file.is_file():
            return file.read_text()
    return ""


def _copied(folder: Path, patterns: list[str], rules: IgnoreRules) -> Iterator[str]:
    """Yield the paths of the files that a Dockerfile copies. What is neither a file nor a link to one is no part."""
    if not patterns:
        return
    for path in matching(patterns, _paths(folder)):
        # A builder would apply the rules once more, and leave out what is added to the context.
        if path != _IGNORE_FILE and not rules.ignores(path) and (folder / path).is_file():
            yield path


def _link_problem(folder: Path, path: str) -> str | None:
    """Return why a link cannot be followed: its target would get into the image, and be another one elsewhere."""
    target = (folder / path).resolve()
    if target.is_relative_to(folder.resolve()):
        return None
    return f"{folder / path} is a link out of the folder of the Dockerfile: put the file there, or ignore the link"


def _read(file: Path) -> ContextFile:
    return ContextFile(file.read_bytes(), executable=bool(file.stat().st_mode & 0o100))


def _paths(folder: Path) -> Iterator[str]:
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if name not in _LEFT_OUT)
        for name in sorted(names):
            if not name.endswith(".pyc"):
                yield (Path(place) / name).relative_to(folder).as_posix()
