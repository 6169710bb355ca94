"""Packages of npm, in the versions that a lock file pins."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path


def installed(locked: Path, folder: Path) -> Path:
    """Install what the package.json and package-lock.json of a folder name. Returns the folder `node_modules`."""
    assert shutil.which("npm"), "Node.js is needed"
    for name in ("package.json", "package-lock.json"):
        shutil.copy(locked / name, folder)
    done = subprocess.run(["npm", "ci", "--silent"], cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder / "node_modules"
