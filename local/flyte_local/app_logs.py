"""Log files of an app: one a revision, written by the process itself, so that a dead server loses no line.

A file is kept below a bound by copying it aside and truncating it in place: the process goes on writing with its own
descriptor (opened for appending), none the wiser.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from flyte_local.home import make_folder

MAX_BYTES = 10 * 1024 * 1024
KEPT_REVISIONS = 5
_NAME = re.compile(r"(\d+)\.log")


@dataclass(frozen=True)
class Line:
    """A log line; `position` grows from line to line, also across a rotation."""

    position: int
    text: str


class AppLogs:
    """The log folder of one app."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, revision: int) -> Path:
        """The file that a revision writes to."""
        return self.folder / f"{revision}.log"

    def open(self, revision: int) -> int:
        """A descriptor for a process's output, and only the latest revisions' files stay."""
        make_folder(self.folder)
        for old in self.revisions()[:-KEPT_REVISIONS]:
            self.path(old).unlink(missing_ok=True)
            self._previous(old).unlink(missing_ok=True)
            self._base(old).unlink(missing_ok=True)
        return os.open(self.path(revision), os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)

    def revisions(self) -> list[int]:
        """Revisions that have a file, ascending."""
        try:
            names = os.listdir(self.folder)
        except FileNotFoundError:
            return []
        return sorted(int(m[1]) for m in map(_NAME.fullmatch, names) if m)

    def rotate(self, revision: int) -> None:
        """Moves a file's content aside once it has outgrown the bound; one older piece is kept."""
        path = self.path(revision)
        try:
            size = path.stat().st_size
        except FileNotFoundError:
            return
        if size < MAX_BYTES:
            return
        base = self.base(revision)
        shutil.copyfile(path, self._previous(revision))
        os.chmod(self._previous(revision), 0o600)
        os.truncate(path, 0)
        self._base(revision).write_text(str(base + size))

    def base(self, revision: int) -> int:
        """How many bytes were moved away before the file's first."""
        try:
            return int(self._base(revision).read_text())
        except (FileNotFoundError, ValueError):
            return 0

    def write(self, revision: int, text: str) -> None:
        """Adds a line of the server's own, for what happens before a process exists."""
        descriptor = self.open(revision)
        try:
            os.write(descriptor, f"{text}\n".encode())
        finally:
            os.close(descriptor)

    def tail(self, revision: int, count: int) -> list[Line]:
        """The last lines of a revision."""
        lines = list(self.read(revision, 0)[0]) if count > 0 else []
        return lines[-count:]

    def read(self, revision: int, position: int, *, partial: bool = True) -> tuple[list[Line], int]:
        """Lines from `position` on and the position after them; without `partial`, complete lines only."""
        base = self.base(revision)
        try:
            with self.path(revision).open("rb") as file:
                file.seek(max(0, position - base))
                start = base + file.tell()
                data = file.read()
        except FileNotFoundError:
            return [], position
        if not partial:
            data = data[: data.rfind(b"\n") + 1]
        return list(_lines(data, start)), start + len(data)

    def _previous(self, revision: int) -> Path:
        return self.folder / f"{revision}.log.1"

    def _base(self, revision: int) -> Path:
        return self.folder / f"{revision}.base"


def _lines(data: bytes, start: int) -> Iterator[Line]:
    position = start
    for raw in data.splitlines(keepends=True):
        yield Line(position, raw.decode("utf-8", "replace").rstrip("\r\n"))
        position += len(raw)
