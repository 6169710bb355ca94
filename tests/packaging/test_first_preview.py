"""A program in another language, in an empty folder: it reaches a preview with no step of Python's or the plugin's."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from tests.e2e.harness import VENV_BIN
from tests.packaging.conftest import ROOT

PROGRAMS = Path(__file__).parent / "fresh"
TOOLS = ROOT / ".tools" / "bin"
pytestmark = [
    pytest.mark.e2e,
    pytest.mark.timeout(900),
    pytest.mark.skipif(
        sys.platform != "linux" or os.geteuid() != 0 or shutil.which("unshare") is None,
        reason="only root on Linux can make a network of its own",
    ),
]


@pytest.fixture
def variables(tmp_path: Path) -> dict[str, str]:
    """An environment without a home, with the caches of the package managers, and no plugin on PATH."""
    folders = [folder for folder in os.environ["PATH"].split(os.pathsep) if Path(folder) != VENV_BIN]
    path = os.pathsep.join([str(TOOLS), *folders])

    def answer(*command: str) -> str:
        return subprocess.run(
            command, env={**os.environ, "PATH": path}, capture_output=True, text=True, check=True
        ).stdout.strip()

    caches = {
        "UV_CACHE_DIR": answer("uv", "cache", "dir"),
        "GOMODCACHE": answer("go", "env", "GOMODCACHE"),
        "GOCACHE": answer("go", "env", "GOCACHE"),
        "npm_config_cache": answer("npm", "config", "get", "cache"),
        "XDG_CACHE_HOME": str(tmp_path / "cache"),
    }
    inherited = {
        key: value
        for key, value in os.environ.items()
        if not key.startswith(("PULUMI_", "FLYTE_", "_U_")) and key not in ("VIRTUAL_ENV", "HOME")
    }
    return {
        **inherited,
        **caches,
        "PATH": path,
        "HOME": "/proc/there-is-no-home",
        "PULUMI_CONFIG_PASSPHRASE": "",
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        "FLYTE_CACHE_DIR": str(tmp_path / "cache" / "flyte"),
        "FLYTE_LOCAL_HOME": str(tmp_path / "local"),
    }


def fill_caches(dist: Path, folder: Path, variables: dict[str, str]) -> None:
    """Let each package manager download once what the programs need from the registries."""
    with tarfile.open(dist / "pulumi-resource-flyte-v0.1.0-linux-amd64.tar.gz") as archive:
        archive.extractall(folder / "plugin", filter="data")
    steps = (
        [str(folder / "plugin" / "pulumi-resource-flyte"), "--version"],
        [
            "npm",
            "install",
            "--prefer-offline",
            "--silent",
            "@pulumi/pulumi@3.259.0",
            "typescript@4.9.5",
            "@types/node@20",
        ],
        ["go", "-C", str(ROOT / "sdk" / "go"), "mod", "download"],
    )
    for command in steps:
        done = subprocess.run(command, cwd=folder, env=variables, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"


def test_programs_in_three_languages_reach_a_preview_from_the_files_of_a_release(
    dist: Path, tmp_path: Path, variables: dict[str, str]
) -> None:
    warm = tmp_path / "warm"
    warm.mkdir()
    fill_caches(dist, warm, variables)
    empty = tmp_path / "an empty folder"
    empty.mkdir()
    command = ["unshare", "--net", "sh", str(PROGRAMS / "first_previews.sh"), str(dist), str(PROGRAMS)]
    offline = {**variables, "UV_OFFLINE": "1"}
    done = subprocess.run(command, cwd=empty, env=offline, capture_output=True, text=True, check=False)
    print(done.stdout)  # shown with -rP, with the seconds of each step
    assert done.returncode == 0, done.stdout + done.stderr
    steps = dict(step.split("\n", 1) for step in done.stdout.split("== ")[1:])
    for language in ("yaml", "typescript", "go"):
        preview = steps[f"preview {language}"]
        assert "+ 5 to create" in preview, preview
        assert "/apps/fresh/development/rates" in preview, preview
        for noise in ("warning", "error", "$PATH"):
            assert noise not in preview, preview
