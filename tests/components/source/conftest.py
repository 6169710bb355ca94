"""A program's folder, and a cache of readings, for each test."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from pulumi_flyte.source import staging


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(staging.CACHE_VARIABLE, str(tmp_path / "cache"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A program's folder without any file."""
    (tmp_path / "src").mkdir()
    return tmp_path / "src"


@pytest.fixture
def write(tmp_path: Path) -> Callable[[Mapping[str, str]], Path]:
    """Writes files below the program's folder, which it returns. `../` is the folder around it."""

    def written(files: Mapping[str, str]) -> Path:
        program = tmp_path / "repository" / "program"
        for path, content in files.items():
            target = program / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(content)
        return program

    return written
