"""`.ci/machine` prints a line for each tool, even if a tool fails."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

MACHINE = Path(__file__).resolve().parents[2] / ".ci" / "machine"


def machine(tmp_path: Path, **tools: str) -> subprocess.CompletedProcess[str]:
    for name, script in tools.items():
        file = tmp_path / name
        file.write_text(f"#!/bin/sh\n{script}\n")
        file.chmod(0o755)
    environment = dict(os.environ, PATH=f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    return subprocess.run([MACHINE], env=environment, capture_output=True, text=True, check=False)


def test_a_tool_that_says_more_than_a_pipe_holds_ends_nothing(tmp_path: Path) -> None:
    done = machine(tmp_path, make="echo GNU Make 9; seq 100000")
    assert done.returncode == 0, done.stderr
    assert "make     GNU Make 9" in done.stdout.splitlines()


def test_a_tool_that_fails_is_a_line_and_no_failure(tmp_path: Path) -> None:
    done = machine(tmp_path, go="echo broken >&2; exit 2")
    assert done.returncode == 0, done.stderr
    assert "go       no answer: broken" in done.stdout.splitlines()
