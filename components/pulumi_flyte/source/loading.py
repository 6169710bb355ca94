"""Sources as a workload carries them: read by a process of the program's interpreter, never imported here; bundled."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from pulumi_flyte.source import cache
from pulumi_flyte.source.bundle import Bundle, collect
from pulumi_flyte.source.data import MissingData, included, missing_data
from pulumi_flyte.source.description import Description, describe
from pulumi_flyte.source.location import Location, parse
from pulumi_flyte.source.read_source import ReadSource
from pulumi_flyte.source.request import Request


class BundledSource(NamedTuple):
    """A source, the files that it consists of, and the data that it names and that these lack."""

    source: ReadSource
    bundle: Bundle
    missing: MissingData

    @property
    def location(self) -> Location:
        """The place of the source."""
        return self.source.location

    @property
    def description(self) -> Description:
        """The description of the source."""
        return self.source.description


def read(text: str, *, base: Path, python: str | None, env: Mapping[str, str]) -> ReadSource:
    """Read a source. Raises SourceError with one clear sentence.

    `base` is the program's folder, `python` the interpreter (default: this one), `env` what the container will have.
    """
    location = parse(text, base)
    request = Request(
        text=text,
        interpreter=python or sys.executable,
        root=location.root,
        env=env,
        modules=(location.module,),
        attribute=location.attribute,
    )
    return ReadSource(text, location, describe(cache.answer(request)))


def bundle(source: ReadSource, include: Sequence[str]) -> BundledSource:
    """Collect the files of a source. Raises SourceError if an `include` names none, and OSError if a file is gone."""
    location, description = source.location, source.description
    files = dict(description.footprint.files)
    if location.file.is_file():
        path = location.file.relative_to(location.root).as_posix()
        files[path] = path
    for pattern in (*include, *description.include):
        files |= {path: path for path in included(location.root, pattern, source.text)}
    collected = collect(location.root, files)
    carried = {*collected.files, *(description.image.files if description.image else ())}
    return BundledSource(source, collected, missing_data(location.root, description.footprint.data_lines, carried))
