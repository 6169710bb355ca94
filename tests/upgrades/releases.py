"""The releases whose schema and states are kept in this folder."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from pulumi_flyte.version import VERSION

FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Release:
    """A version, and the folder with what it left."""

    version: str

    @property
    def folder(self) -> Path:
        """The folder with the schema and the states."""
        return FOLDER / self.version

    @property
    def order(self) -> tuple[int, ...]:
        """A key that sorts versions."""
        return tuple(int(part) for part in self.version.split("."))


def releases() -> list[Release]:
    """Return the releases, the oldest first. The newest may be the version that is about to be released."""
    folders = [path.name for path in FOLDER.iterdir() if re.fullmatch(r"\d+\.\d+\.\d+", path.name)]
    return sorted((Release(name) for name in folders), key=lambda release: release.order)


def accepted_since(release: Release, changelog: str) -> frozenset[str]:
    """Return the paths of breaking changes that the changelog names in sections after a release.

    They are the texts in backquotes at the start of the items below `### Breaking`.
    """
    paths: set[str] = set()
    for section in re.split(r"^## ", changelog, flags=re.MULTILINE)[1:]:
        version = re.match(r"\d+\.\d+\.\d+", section)
        if version is None or Release(version[0]).order <= release.order:
            continue
        for part in re.findall(r"^### Breaking\n(.*?)(?=^#|\Z)", section, re.MULTILINE | re.DOTALL):
            paths |= set(re.findall(r"^- `([^`]+)`", part, re.MULTILINE))
    return frozenset(paths)


def is_released(release: Release) -> bool:
    """Return whether a version is no longer the one that is developed."""
    return release.version != VERSION
