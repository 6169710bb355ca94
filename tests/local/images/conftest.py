"""A server that finds uv, and whose downloads are kept between tests."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.local.tasks.conftest import World, _world

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="session")
def uv_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The user's cache if there is one, so that a machine downloads packages once, and not for each test."""
    configured = os.environ.get("UV_CACHE_DIR")
    default = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "uv"
    return Path(configured) if configured else default if default.is_dir() else tmp_path_factory.mktemp("uv-cache")


@pytest.fixture(scope="session")
def with_uv(uv_cache: Path) -> Iterator[None]:
    """uv on PATH, for this process and the servers that it starts."""
    uv = shutil.which("uv") or shutil.which("uv", path=str(ROOT / ".tools" / "bin"))
    if uv is None:
        pytest.skip("there is no uv: run `make tools`")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", os.pathsep.join([str(Path(uv).parent), os.environ["PATH"]]))
        patch.setenv("UV_CACHE_DIR", str(uv_cache))
        yield


@pytest.fixture(scope="module")
def world(with_uv: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A server for the tests of one file."""
    yield from _world(tmp_path_factory.mktemp("images"))
