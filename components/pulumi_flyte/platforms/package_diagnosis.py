"""The reason why packages cannot be installed, asked of uv on this machine after a build has failed.

The builder's message has the step and its exit code only. uv resolves the same requirements for the image's platform.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

_TIME_LIMIT = 60.0
_MOST_LINES = 12
# Platforms as uv names them.
_ARM, _OTHER = "aarch64-unknown-linux-gnu", "linux"
# uv ends with 2 if it could not find out, for example because this machine does not reach the index.
_NO_SOLUTION = 1


def diagnosis(context: Path, python: str, platforms: Sequence[str]) -> str | None:
    """Return uv's own words, or None if it finds nothing wrong or is not installed.

    context: a staged build context. python: the version of Python that the image has. platforms: those that the image
    is built for.
    """
    target = _ARM if platforms and all("arm64" in platform for platform in platforms) else _OTHER
    uv = shutil.which("uv")
    if uv is None:
        return None
    for requirements in sorted(context.glob(".pulumi-flyte/[0-9]*/requirements.txt")):
        constraints = requirements.with_name("constraints.txt")
        options = ["--constraint", str(constraints)] if constraints.is_file() else []
        command = [uv, "pip", "compile", "--quiet", "--no-progress", "--color", "never", "--python-version", python]
        try:
            done = subprocess.run(
                [*command, "--python-platform", target, *options, str(requirements)],
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
