"""A program's folder, and a cache of sources that the tests of one run share."""

from __future__ import annotations

from pathlib import Path

import pytest
from pulumi_flyte.source import staging


@pytest.fixture(scope="session")
def source_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("sources")


@pytest.fixture
def program_folder(tmp_path: Path) -> Path:
    return tmp_path


@pytest.fixture(autouse=True)
def _in_the_programs_folder(program_folder: Path, source_cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(staging.CACHE_VARIABLE, str(source_cache))
    monkeypatch.chdir(program_folder)
