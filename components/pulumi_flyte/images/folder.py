"""Reads the files of a folder that are to get into an image."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from pulumi_flyte.images.dockerignore import IgnoreRules
from pulumi_flyte.source.data import STAGE

IGNORE_FILE = ".dockerignore"
# What only this machine has, and no image needs: it would be another image on each machine, or have secrets in it.
_LEFT_OUT = frozenset({".git", ".venv", "__pycache__", STAGE, "node_modules"})


def paths_in(folder: Path) -> Iterator[str]:
    """Yield the paths of the files in a folder, and of links to files, relative to the folder."""
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if name not in _LEFT_OUT)
        for name in sorted(names):
            path = Path(place) / name
            if not name.endswith(".pyc") and path.is_file():
                yield path.relative_to(folder).as_posix()


def ignore_rules(*files: Path) -> IgnoreRules:
    """Return the rules of the first of these files that there is."""
    texts = (file.read_text() for file in files if file.is_file())
    return IgnoreRules.parse(next(texts, ""))


def links_out(folder: Path, paths: Iterable[str]) -> Iterator[str]:
    """Yield the reason for each path that is a link out of the folder.

    Its target would get into the image, and be another one elsewhere.
    """
    whole = folder.resolve()
    for path in paths:
        if not (folder / path).resolve().is_relative_to(whole):
            yield f"{folder / path} is a link out of the folder {folder.name!r}: put the file there, or ignore the link"
