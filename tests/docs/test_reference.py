"""The reference is what docstrings, signatures, the schema and the commands say now."""

from __future__ import annotations

import subprocess
import sys

from tests.docs.pages import ROOT


def test_it_is_up_to_date() -> None:
    command = [sys.executable, str(ROOT / "tools" / "reference.py"), "--check"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, f"run `make docs`\n{done.stdout}{done.stderr}"


def test_it_has_what_users_look_up() -> None:
    folder = ROOT / "docs" / "reference"
    components, runtime, commands = ((folder / f"{name}.md").read_text() for name in ("components", "runtime", "cli"))
    assert all(f"## `{name}`" in components for name in ("App", "Task", "Secret", "Environment", "discover"))
    assert all(f"## `{name}`" in runtime for name in ("app", "task", "Webhook", "Rooms", "wired"))
    assert "### `flyte-local start`" in commands
