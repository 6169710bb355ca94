"""The machine-local cache: bundles by content, interpreters by workload, and what readers found.

Nothing here is state: deleting the folder costs time only. The plugin reads what components put here.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from pathlib import Path

CACHE_VARIABLE = "FLYTE_CACHE_DIR"


def cache() -> Path:
    """`$FLYTE_CACHE_DIR`, or the user's cache folder."""
    configured = os.environ.get(CACHE_VARIABLE)
    if configured:
        return Path(configured)
    import platformdirs

    return Path(platformdirs.user_cache_dir("pulumi-flyte"))


def write(path: Path, content: bytes) -> None:
    """Writes whole or not at all, so that concurrent programs never read half a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".")
    with os.fdopen(handle, "wb") as stream:
        stream.write(content)
    os.replace(temporary, path)


def bundle_path(digest: str) -> Path | None:
    """Return the archive of a bundle, or None if it is not staged on this machine."""
    path = _bundle(digest)
    return path if path.exists() else None


def put_bundle(digest: str, archive: Callable[[], bytes]) -> Path:
    """Stages a bundle under its digest. The archive is made only if it does not exist yet."""
    path = _bundle(digest)
    if not path.exists():
        write(path, archive())
    return path


def interpreter(kind: str, project: str, domain: str, name: str) -> str | None:
    """Return the Python that runs a workload's code on this machine, or None if nothing was staged."""
    path = _interpreter(kind, project, domain, name)
    return path.read_text() if path.exists() else None


def put_interpreter(kind: str, project: str, domain: str, name: str, python: str) -> None:
    """Remembers the Python that runs a workload's code on this machine. It is in no spec and in no state."""
    path = _interpreter(kind, project, domain, name)
    if not path.exists() or path.read_text() != python:
        write(path, python.encode())


def _bundle(digest: str) -> Path:
    return cache() / "bundles" / f"{digest}.tgz"


def _interpreter(kind: str, project: str, domain: str, name: str) -> Path:
    return cache() / "interpreters" / kind / project / domain / name
