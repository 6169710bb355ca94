"""Runs a bundle as a container does: unpacked into an empty folder, which is the working folder."""

from __future__ import annotations

import io
import subprocess
import sys
import tarfile
from pathlib import Path

from pulumi_flyte.source.bundle import Bundle


def run(bundle: Bundle, folder: Path, code: str) -> str:
    """The output of Python code beside the unpacked bundle. Fails with the code's own error."""
    folder.mkdir()
    with tarfile.open(fileobj=io.BytesIO(bundle.archive())) as archive:
        archive.extractall(folder, filter="data")
    ended = subprocess.run([sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, timeout=120)
    assert ended.returncode == 0, ended.stderr
    return ended.stdout.strip()
