"""Build contexts as they are staged: equal on every machine, and gone when nobody has used them for a week."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pulumi_flyte.images.context import BuildContext, ContextFile
from pulumi_flyte.platforms.image_build import _write, stage
from pulumi_flyte.source.data import files_of

CONTEXT = BuildContext("FROM a\n", {"app/web.py": ContextFile(b"x"), "run": ContextFile(b"#!/bin/sh", executable=True)})
SLOW = settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)


def seen(folder: Path) -> list[tuple[str, int, float, bytes | None]]:
    """Return what a builder sees: paths, modes, times and contents."""
    paths = sorted(folder.rglob("*"))
    return [
        (
            path.relative_to(folder).as_posix(),
            path.stat().st_mode,
            path.stat().st_mtime,
            path.read_bytes() if path.is_file() else None,
        )
        for path in paths
    ]


@SLOW
@given(st.integers(0, 0o777), st.text("abc", min_size=1, max_size=8))
def test_a_staged_context_depends_on_nothing_of_the_machine(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch, mask: int, name: str
) -> None:
    contents = []
    for place, umask in ((f"{name}-one", 0o022), (f"{name}-two", mask & 0o077)):
        folder = tmp_path_factory.mktemp(place)
        monkeypatch.chdir(folder)
        former = os.umask(umask)
        try:
            contents.append((stage(CONTEXT), seen(folder / stage(CONTEXT))))
        finally:
            os.umask(former)
    assert contents[0] == contents[1]
    assert not contents[0][0].is_absolute()


def test_the_folder_ignores_itself_in_git(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    stage(CONTEXT)
    assert (tmp_path / ".pulumi-flyte/.gitignore").read_text() == "*\n"


def test_a_context_that_nobody_used_for_a_week_is_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    old, recent = (tmp_path / stage(BuildContext(f"FROM {name}\n")) for name in ("old", "recent"))
    week = 7 * 24 * 3600
    os.utime(old, (time.time() - week - 3600,) * 2)
    os.utime(recent, (time.time() - week + 3600,) * 2)
    stage(CONTEXT)
    assert not old.exists()
    assert recent.exists()


def test_a_context_that_is_used_again_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    place = tmp_path / stage(CONTEXT)
    os.utime(place, (1, 1))
    assert tmp_path / stage(CONTEXT) == place
    assert place.exists()


def test_a_context_that_another_run_is_writing_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    partial = tmp_path / ".pulumi-flyte/images/.1f2e3d.7"
    _write(partial, CONTEXT)
    stage(BuildContext("FROM other\n"))
    assert partial.is_dir()


def test_no_include_takes_what_is_staged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "web.py").write_text("x")
    stage(CONTEXT)
    for pattern in (".", "**/*", "*"):
        assert files_of(tmp_path, pattern) == ["web.py"]
