"""A cache that can be written."""

from __future__ import annotations

from pathlib import Path

import pytest
from pulumi_flyte.source import staging
from pulumi_flyte_review.engine.offline.cache import writable_cache


def test_a_users_own_cache_is_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(staging.CACHE_VARIABLE, str(tmp_path / "cache"))
    with writable_cache():
        assert staging.cache() == tmp_path / "cache"


def test_a_cache_that_cannot_be_written_is_replaced_for_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(staging.CACHE_VARIABLE, "/proc/nowhere/cache")
    # Root may write everywhere, as far as permissions go.
    monkeypatch.setattr("os.access", lambda path, mode: not str(path).startswith("/proc"))
    with writable_cache():
        folder = staging.cache()
        assert folder.is_dir()
    assert not folder.exists()
    assert staging.cache() == Path("/proc/nowhere/cache")
