"""The packages of other languages are those that the schema makes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_what_is_committed_is_what_the_generators_write() -> None:
    """The schema is generated too, so a change of the schema shows in its commit."""
    command = [sys.executable, str(ROOT / "tools" / "sdks.py"), "--check"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"run `make sdk`\n{done.stdout}{done.stderr}"
