"""The files of a release, made once per run."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
EPOCH = "1767225600"


def make_dist(checkout: Path, folder: Path) -> Path:
    """Run `make dist` of a checkout into a folder."""
    path = os.pathsep.join([str(ROOT / ".tools" / "bin"), os.environ["PATH"]])
    done = subprocess.run(
        [sys.executable, str(checkout / "tools" / "dist.py"), str(folder)],
        env={**os.environ, "PATH": path, "SOURCE_DATE_EPOCH": EPOCH},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


@pytest.fixture(scope="session")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files of a release of this checkout."""
    return make_dist(ROOT, tmp_path_factory.mktemp("release") / "dist")
