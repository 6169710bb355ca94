"""Sources as tests load them: read with this interpreter, and bundled."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from pulumi_flyte.source import loading
from pulumi_flyte.source.loading import BundledSource


def load(
    program: Path,
    text: str = "app.py:app",
    *,
    env: Mapping[str, str] | None = None,
    include: Sequence[str] = (),
    python: str | None = None,
) -> BundledSource:
    """Read a source of the program's folder, and collect its files."""
    return loading.bundle(loading.read(text, base=program, python=python, env=env or {}), include)
