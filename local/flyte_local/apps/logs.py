"""Log files of an app, one for each replica of a revision.

The process writes the file itself, so no restart loses a line.

A file is kept below a bound by copying it aside and truncating it in place. The process goes on writing with its own
descriptor, which it has opened for appending.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from flyte_local.apps.revision_record import parse_label, replica_label
from flyte_local.home import Home, make_folder
from flyte_local.processes.process import open_log
from flyte_local.wire.app_key import AppKey

MAX_BYTES = 10 * 1024 * 1024
KEPT_REVISIONS = 5
_NAME = re.compile(r"(\d+(?:-\d+)?)\.log")


@dataclass(frozen=True)
class Line:
    """A log line; `position` grows from line to line, also across a rotation."""

    position: int
    text: str


class AppLogs:
    """The log folder of one app."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @classmethod
    def of(cls, home: Home, key: AppKey) -> AppLogs:
        """Return the logs of an app."""
        return cls(home.app(key.project, key.domain, key.name) / "logs")

    def path(self, revision: int, replica: int = 1) -> Path:
        """Return the file that a replica writes to."""
        return self.folder / f"{replica_label(revision, replica)}.log"

    def prepare(self, revision: int, replica: int = 1) -> Path:
        """Return the file for the output of a process, in its folder. Files of old revisions are removed."""
        make_folder(self.folder)
        for old in self.revisions()[:-KEPT_REVISIONS]:
            for number in self.replicas(old):
                self.path(old, number).unlink(missing_ok=True)
                self._previous(old, number).unlink(missing_ok=True)
                self._base(old, number).unlink(missing_ok=True)
        return self.path(revision, replica)

    def revisions(self) -> list[int]:
        """Return revisions that have a file, ascending."""
        return sorted({revision for revision, _ in self._labels()})

    def replicas(self, revision: int) -> list[int]:
        """Return replicas of a revision that have a file, ascending."""
        return sorted(replica for number, replica in self._labels() if number == revision)

    def rotate(self) -> None:
        """Move the content of each file aside that has outgrown the bound; one older piece is kept."""
        for revision, replica in self._labels():
            self._rotate(revision, replica)

    def _rotate(self, revision: int, replica: int) -> None:
        path = self.path(revision, replica)
        size = path.stat().st_size
        if size < MAX_BYTES:
            return
        base = self.base(revision, replica)
        shutil.copy(path, self._previous(revision, replica))
        os.truncate(path, 0)
        self._base(revision, replica).write_text(str(base + size))

    def base(self, revision: int, replica: int = 1) -> int:
        """Return the number of bytes that were moved away before the first byte of the file."""
        try:
            return int(self._base(revision, replica).read_text())
        except (FileNotFoundError, ValueError):
            return 0

    def write(self, revision: int, text: str, replica: int = 1) -> None:
        """Add a line of the server, for example about a start that failed before a process existed."""
        descriptor = open_log(self.prepare(revision, replica))
        try:
            os.write(descriptor, f"{text}\n".encode())
        finally:
            os.close(descriptor)

    def tail(self, revision: int, count: int, replica: int = 1) -> list[Line]:
        """Return the last lines of a replica."""
        lines = list(self.read(revision, 0, replica)[0]) if count > 0 else []
        return lines[-count:]

    def read(self, revision: int, position: int, replica: int = 1, *, partial: bool = True) -> tuple[list[Line], int]:
        """Return lines from `position` on and the position after them; without `partial`, complete lines only."""
        base = self.base(revision, replica)
        try:
            with self.path(revision, replica).open("rb") as file:
                file.seek(max(0, position - base))
                start = base + file.tell()
                data = file.read()
        except FileNotFoundError:
            return [], position
        if not partial:
            data = data[: data.rfind(b"\n") + 1]
        return list(_lines(data, start)), start + len(data)

    def _labels(self) -> list[tuple[int, int]]:
        try:
            names = os.listdir(self.folder)
        except FileNotFoundError:
            return []
        return [parse_label(match[1]) for match in map(_NAME.fullmatch, names) if match]

    def _previous(self, revision: int, replica: int) -> Path:
        return self.folder / f"{replica_label(revision, replica)}.log.1"

    def _base(self, revision: int, replica: int) -> Path:
        return self.folder / f"{replica_label(revision, replica)}.base"


def _lines(data: bytes, start: int) -> Iterator[Line]:
    position = start
    for raw in data.splitlines(keepends=True):
        yield Line(position, raw.decode("utf-8", "replace").rstrip("\r\n"))
        position += len(raw)
