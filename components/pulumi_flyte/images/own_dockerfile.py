"""A user's own Dockerfile, with the files that it copies of the folder that it is in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from pulumi_flyte.images.context import ContextFile
from pulumi_flyte.images.copied import copied_patterns, matching
from pulumi_flyte.images.dockerignore import IgnoreRules
from pulumi_flyte.images.folder import IGNORE_FILE, ignore_rules, links_out, paths_in
from pulumi_flyte.problems import Problems


@dataclass(frozen=True, slots=True)
class OwnDockerfile:
    """A Dockerfile and the files that it copies."""

    text: str
    files: Mapping[str, ContextFile]


def read_dockerfile(file: Path, path: str, problems: Problems) -> OwnDockerfile:
    """Read a Dockerfile. Its context is its own folder, as for Flyte's `Image.from_dockerfile`.

    It is empty if problems were added.
    """
    folder = file.parent
    try:
        text = file.read_text()
        rules = ignore_rules(file.with_name(f"{file.name}{IGNORE_FILE}"), folder / IGNORE_FILE)
        copied = list(_copied(folder, copied_patterns(text), rules))
        for reason in links_out(folder, copied):
            problems.add(path, reason)
        return OwnDockerfile(text, {} if problems else {place: _read(folder / place) for place in copied})
    except (OSError, UnicodeDecodeError) as error:
        name = getattr(error, "filename", None) or file
        problems.add(path, f"{name} cannot be read: {getattr(error, 'strerror', None) or error}")
        return OwnDockerfile("", {})


def _copied(folder: Path, patterns: list[str], rules: IgnoreRules) -> Iterator[str]:
    """Yield the paths of the files that a Dockerfile copies."""
    if not patterns:
        return
    for path in matching(patterns, paths_in(folder)):
        # A builder would apply the rules once more, and leave out what is added to the context.
        if path != IGNORE_FILE and not rules.ignores(path):
            yield path


def _read(file: Path) -> ContextFile:
    return ContextFile(file.read_bytes(), executable=bool(file.stat().st_mode & 0o100))
