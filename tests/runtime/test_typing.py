"""The types of the public API, checked by mypy in strict mode with typing/public_api.py."""

from __future__ import annotations

import subprocess
import sys
from importlib.resources import files
from pathlib import Path

import pytest

pytest.importorskip("mypy")
pytestmark = pytest.mark.timeout(900)  # mypy begins without a cache, which takes a minute on a busy machine
ROOT = Path(__file__).parents[2]


def test_the_public_api_is_typed_as_promised(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "mypy", "--config-file", "mypy.ini", "--cache-dir", str(tmp_path)]
    done = subprocess.run([*command, "tests/runtime/typing/public_api.py"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_package_says_that_it_is_typed() -> None:
    assert files("flyte_runtime").joinpath("py.typed").is_file()
