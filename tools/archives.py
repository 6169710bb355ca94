"""Archives whose bytes depend on their content and the time of the release only: not on path, user or file system."""

from __future__ import annotations

import gzip
import io
import tarfile
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path

PROGRAM = 0o755
FILE = 0o644


@dataclass(frozen=True)
class Entry:
    """A file of an archive."""

    content: bytes
    mode: int = FILE


def tree(folder: Path, below: str = "") -> dict[str, Entry]:
    """Return the files below a folder, each a plain file."""
    files = (file for file in folder.rglob("*") if file.is_file())
    return {f"{below}{file.relative_to(folder).as_posix()}": Entry(file.read_bytes()) for file in files}


def write_tar(target: Path, entries: Mapping[str, Entry], epoch: int) -> None:
    """Write a `.tar.gz`, sorted by name, owned by root."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for name, entry in sorted(entries.items()):
            member = tarfile.TarInfo(name)
            member.size, member.mode, member.mtime = len(entry.content), entry.mode, epoch
            archive.addfile(member, io.BytesIO(entry.content))
    target.write_bytes(gzip.compress(buffer.getvalue(), mtime=epoch))


def write_zip(target: Path, entries: Mapping[str, Entry], epoch: int) -> None:
    """Write a `.zip`, sorted by name."""
    moment = datetime.fromtimestamp(epoch, timezone.utc).timetuple()[:6]
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, entry in sorted(entries.items()):
            member = zipfile.ZipInfo(name, moment)
            member.external_attr = (0o100000 | entry.mode) << 16
            member.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(member, entry.content)
