"""`BuildContext`: a Dockerfile and the files that it copies. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

_TAG_LENGTH = 20


@dataclass(frozen=True, slots=True)
class ContextFile:
    """A file of a build context."""

    content: bytes
    executable: bool = False


@dataclass(frozen=True, slots=True)
class BuildContext:
    """All that a builder gets. Files have paths relative to the context, with slashes.

    platforms: such as "linux/amd64". An image is built for each.
    """

    dockerfile: str
    files: Mapping[str, ContextFile] = field(default_factory=dict)
    platforms: tuple[str, ...] = ()

    @property
    def tag(self) -> str:
        """The tag: a hash of everything here, and of nothing else. So it is the same on every machine."""
        digest = hashlib.sha256()
        for part in self._parts():
            # The length before each part keeps two lists of parts apart whose texts are equal when joined.
            digest.update(f"{len(part)}:".encode())
            digest.update(part)
        return digest.hexdigest()[:_TAG_LENGTH]

    def _parts(self) -> Iterable[bytes]:
        yield self.dockerfile.encode()
        yield str(len(self.platforms)).encode()
        yield from (platform.encode() for platform in sorted(self.platforms))
        for path, file in sorted(self.files.items()):
            yield path.encode()
            yield b"x" if file.executable else b"-"
            yield file.content
