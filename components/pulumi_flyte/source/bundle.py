"""A code bundle: sorted (relative path, bytes), its digest, and the archive that carries it."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple


class Bundle(NamedTuple):
    """The files of one source: relative POSIX path -> content."""

    files: Mapping[str, bytes]

    @property
    def digest(self) -> str:
        """SHA-256 over the sorted paths and the digests of their contents, never over the archive."""
        lines = (f"{digest_of(content)} {path}\0" for path, content in sorted(self.files.items()))
        return hashlib.sha256("".join(lines).encode()).hexdigest()

    def archive(self) -> bytes:
        """Return a `.tgz` that is the same on every machine: no times, no owners, one mode."""
        # A preview without changes makes no archive.
        import gzip
        import tarfile

        raw = io.BytesIO()
        with tarfile.open(fileobj=raw, mode="w", format=tarfile.PAX_FORMAT) as tar:
            for path in sorted(self.files):
                entry = tarfile.TarInfo(path)
                entry.size = len(self.files[path])
                entry.mode = 0o644
                tar.addfile(entry, io.BytesIO(self.files[path]))
        return gzip.compress(raw.getvalue(), mtime=0)


@lru_cache(maxsize=1024)
def digest_of(content: bytes) -> str:
    """Return the SHA-256 of a file. Workloads of one program share many of their files."""
    return hashlib.sha256(content).hexdigest()


def collect(root: Path, files: Mapping[str, str]) -> Bundle:
    """Read the files of a bundle: place in the bundle -> path relative to `root`. Raises OSError if one is gone."""
    return Bundle({place: (root / path).read_bytes() for place, path in sorted(files.items())})
