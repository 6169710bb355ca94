"""A cache of sources for users who cannot write to their cache folder, such as in some CI jobs."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pulumi_flyte.source import staging


@contextmanager
def writable_cache() -> Iterator[None]:
    """Provide a cache for programs: the user's, or a temporary folder if the user's cannot be written."""
    if _is_writable(staging.cache()):
        yield
        return
    configured = os.environ.get(staging.CACHE_VARIABLE)
    with tempfile.TemporaryDirectory(prefix="pulumi-flyte-cache-") as folder:
        os.environ[staging.CACHE_VARIABLE] = folder
        try:
            yield
        finally:
            del os.environ[staging.CACHE_VARIABLE]
            if configured is not None:
                os.environ[staging.CACHE_VARIABLE] = configured


def _is_writable(folder: Path) -> bool:
    existing = next(path for path in (folder, *folder.parents) if path.exists())
    return os.access(existing, os.W_OK)
