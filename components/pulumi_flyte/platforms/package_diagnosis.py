"""The reason why packages cannot be installed, asked of uv on this machine after a build has failed.

The builder's message has the step and its exit code only. uv resolves the same requirements for the image's platform.
"""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from pulumi_flyte.images.derived import DEFAULT_PYTHON

_TIME_LIMIT = 60.0
_MOST_LINES = 12
# uv ends with 2 where it could not find out, for example where this machine does not reach the index.
_NO_SOLUTION = 1


def diagnosis(context: Path, python: str = DEFAULT_PYTHON) -> str | None:
    """Return uv's own words, or None where it finds nothing wrong or is not installed.

    context: a staged build context.
    """
    uv = shutil.which("uv")
    if uv is None:
        return None
    for requirements in sorted(context.glob(".pulumi-flyte/[0-9]*/requirements.txt")):
        constraints = requirements.with_name("constraints.txt")
        options = ["--constraint", str(constraints)] if constraints.is_file() else []
        command = [uv, "pip", "compile", "--quiet", "--no-progress", "--color", "never", "--python-version", python]
        try:
            done = subprocess.run(
                [*command, "--python-platform", "linux", *options, str(requirements)],
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                timeout=_TIME_LIMIT,
                check=False,
            )
        except (OSError, subprocess.SubprocessError):
            return None
        if done.returncode == _NO_SOLUTION:
            lines = [line.strip() for line in done.stderr.splitlines() if line.strip()]
            return "\n".join(lines[-_MOST_LINES:])
    return None
