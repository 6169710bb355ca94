"""Checks a code bundle before it is unpacked.

Flyte's `a0` and `fserve` hand bundles to `tar`, and pickled ones to Python, without a check. Here an archive is read
once as a stream, headers only. It is refused if it would write outside of its folder, if it unpacks to more than any
code has, or if it is damaged. So the caller gets the error, and not only a log.
"""

from __future__ import annotations

import gzip
import tarfile
import zlib
from pathlib import Path, PurePosixPath

MAX_UNPACKED = 2 << 30
MAX_MEMBERS = 100_000
_BLOCK = 1 << 20
_LONGEST_HEADER = 1 << 20
_EXTENDED = (
    tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK, tarfile.XHDTYPE, tarfile.XGLTYPE, tarfile.SOLARIS_XHDTYPE
)  # fmt: skip


def bundle_problem(path: Path) -> str | None:
    """Return the problem of a bundle (a tar archive, packed or not, or a packed pickle), or None if it has none.

    Raises FileNotFoundError.
    """
    try:
        return _pickle_problem(path) if path.name.endswith((".pkl", ".pkl.gz")) else _archive_problem(path)
    except (tarfile.TarError, zlib.error, EOFError, gzip.BadGzipFile, ValueError) as error:
        return f"it is damaged ({error})"


class _Bounded(tarfile.TarInfo):
    """A member whose extended headers are bounded: `tarfile` reads them whole before it returns the member."""

    def _proc_member(self, archive: tarfile.TarFile) -> tarfile.TarInfo:
        if self.type in _EXTENDED and self.size > _LONGEST_HEADER:
            raise tarfile.ReadError(f"a header of {self.size} bytes")
        member: tarfile.TarInfo = super()._proc_member(archive)  # type: ignore[misc]
        return member


def _archive_problem(path: Path) -> str | None:
    links: set[PurePosixPath] = set()
    total = 0
    with tarfile.open(path, "r|*", tarinfo=_Bounded) as archive:
        number = 0
        while (member := archive.next()) is not None:
            number += 1
            total += member.size
            # Checked before the next header is read, because that unpacks everything before it.
            if total > MAX_UNPACKED or number > MAX_MEMBERS:
                return f"it unpacks to more than {MAX_UNPACKED >> 30} GiB or {MAX_MEMBERS} files"
            problem = _member_problem(member, links)
            if problem is not None:
                return problem
            if member.issym():
                links.add(PurePosixPath(member.name))
    return None


def _member_problem(member: tarfile.TarInfo, links: set[PurePosixPath]) -> str | None:
    name = member.name[:100]
    place = PurePosixPath(member.name)
    target = PurePosixPath(member.linkname) if member.islnk() else PurePosixPath()
    if any(path.is_absolute() or ".." in path.parts for path in (place, target)):
        return f"its file {name!r} leads out of the bundle's folder"
    if links.intersection((place, *place.parents)):
        # A link may point anywhere, but nothing is written through it.
        return f"its file {name!r} would be written through a symbolic link"
    if not (member.isfile() or member.isdir() or member.issym() or member.islnk()):
        return f"its entry {name!r} is neither a file, a folder nor a link"
    return None


def _pickle_problem(path: Path) -> str | None:
    with path.open("rb") as plain:
        packed = plain.read(2) == b"\x1f\x8b"
    if not packed:
        return None if path.stat().st_size <= MAX_UNPACKED else f"it has more than {MAX_UNPACKED >> 30} GiB"
    total = 0
    with gzip.open(path) as file:
        while chunk := file.read(_BLOCK):
            total += len(chunk)
            if total > MAX_UNPACKED:
                return f"it unpacks to more than {MAX_UNPACKED >> 30} GiB"
    return None
