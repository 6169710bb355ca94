"""The files of a release: the same bytes everywhere, and what each package manager expects to be in them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from tests.packaging.conftest import ROOT, make_dist

pytestmark = pytest.mark.timeout(900)


def contents(folder: Path) -> dict[str, bytes]:
    return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def copied_checkout(target: Path) -> Path:
    """Copy what git tracks or would add, with modes of another mask."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for name in sorted(filter(None, listed.split("\0")), reverse=True):
        source, file = ROOT / name, target / name
        if not source.exists():
            continue
        file.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, file, follow_symlinks=False)
        if not file.is_symlink():
            file.chmod(0o700 if os.access(source, os.X_OK) else 0o600)
    return target


def test_two_checkouts_make_the_same_bytes(dist: Path, tmp_path: Path) -> None:
    checkout = copied_checkout(tmp_path / "another checkout")
    again = make_dist(checkout, tmp_path / "elsewhere" / "dist")
    first, second = contents(dist), contents(again)
    assert sorted(first) == sorted(second)
    assert [name for name in first if first[name] != second[name]] == []


def test_the_checksums_are_those_of_all_files(dist: Path) -> None:
    done = subprocess.run(
        ["sha256sum", "--check", "--quiet", "SHA256SUMS"], cwd=dist, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    listed = {line.split("  ", 1)[1] for line in (dist / "SHA256SUMS").read_text().splitlines()}
    assert listed == contents(dist).keys() - {"SHA256SUMS"}


def test_the_plugins_archive_has_the_program_that_the_engine_starts(dist: Path) -> None:
    with tarfile.open(dist / "pulumi-resource-flyte-v0.1.0-linux-amd64.tar.gz") as archive:
        program = archive.getmember("pulumi-resource-flyte")
        assert program.mode == 0o755
        assert {member.name for member in archive} >= {"constraints.txt", "LICENSE"}
        assert len([member for member in archive if member.name.startswith("wheels/")]) == 3


def test_the_module_of_go_says_at_its_root_which_plugin_it_needs(dist: Path) -> None:
    folder = dist / "go" / "github.com/pulumi-flyte/pulumi-flyte/sdk/go" / "@v"
    prefix = "github.com/pulumi-flyte/pulumi-flyte/sdk/go@v0.1.0/"
    with zipfile.ZipFile(folder / "v0.1.0.zip") as module:
        names = module.namelist()
        assert module.read(f"{prefix}go.mod") == (folder / "v0.1.0.mod").read_bytes()
    assert all(name.startswith(prefix) for name in names)
    assert f"{prefix}pulumi-plugin.json" in names


def test_the_package_of_npm_has_types_and_names_the_plugin(dist: Path) -> None:
    with tarfile.open(dist / "pulumi-flyte-flyte-0.1.0.tgz") as archive:
        names = set(archive.getnames())
    assert {"package/package.json", "package/index.js", "package/index.d.ts", "package/types/input.d.ts"} <= names


def test_a_folder_with_other_files_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("three years")
    done = subprocess.run(
        [sys.executable, str(ROOT / "tools" / "dist.py"), str(tmp_path)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "has files that are not part of a release" in done.stderr
    assert [file.name for file in tmp_path.iterdir()] == ["thesis.txt"]


def test_half_a_release_is_removed(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, str(ROOT / "tools" / "dist.py"), str(tmp_path / "dist")],
        env={"PATH": str(tmp_path)},  # no uv
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == "`make dist` needs uv on PATH\n"
    assert not (tmp_path / "dist").exists()
