"""Runs uv, the installer of packages."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from flyte_local.errors import ImageError
from flyte_local.processes.environment import PROCESS_VARIABLE, machine_environment
from flyte_local.secrets.redaction import mask_urls

# uv's configuration of where packages come from and where they are kept (docs.astral.sh/uv/reference/environment).
CONFIGURATION = ("UV_CACHE_DIR", "UV_INDEX_URL", "UV_DEFAULT_INDEX", "UV_INDEX", "UV_OFFLINE", "UV_PYTHON_DOWNLOADS")
_TAIL = 12
Say = Callable[[str], None]


def find_uv() -> str:
    """Return the path of uv. Raises ImageError with a way to install it."""
    next_to_python = Path(sys.executable).with_name("uv")
    program = shutil.which("uv") or (str(next_to_python) if os.access(next_to_python, os.X_OK) else None)
    if program is None:
        raise ImageError(
            "an image's packages are installed with uv, which is not on the server's PATH: install it "
            f"(`{Path(sys.executable).name} -m pip install uv`, or see docs.astral.sh/uv) and start the server again"
        )
    return program


class UvFailedError(ImageError):
    """uv exited with an error. The message is its last lines."""


class Uv:
    """Runs uv for one environment at a time. `stop` ends it from any thread."""

    def __init__(self) -> None:
        self._running: set[subprocess.Popen[str]] = set()
        self._lock = threading.Lock()
        self._stopped = False

    def run(self, arguments: Sequence[str], environment: Path, folder: Path, lock: int, say: Say) -> None:
        """Run one command in `folder` for a virtual environment, and pass its output to `say` line by line.

        uv inherits the descriptor `lock`, so that the lock outlives a server that dies meanwhile.
        Raises UvFailedError with uv's last lines.
        """
        last: deque[str] = deque(maxlen=_TAIL)
        process = self._start([find_uv(), "--no-progress", "--color", "never", *arguments], environment, folder, lock)
        assert process.stdout is not None
        try:
            for line in process.stdout:
                text = mask_urls(line.rstrip())
                if text:
                    last.append(text)
                    say(text)
            code = process.wait()
        finally:
            with self._lock:
                self._running.discard(process)
            _kill(process)
            process.wait()
            process.stdout.close()
        if self._stopped:
            raise ImageError("the local control plane was stopped while it installed the image's packages")
        if code != 0:
            raise UvFailedError(_reason(last) or f"uv exited with code {code}")

    def stop(self) -> None:
        """End the commands that run. No other command starts."""
        with self._lock:
            self._stopped = True
            running = list(self._running)
        for process in running:
            _kill(process)

    def _start(self, command: Sequence[str], environment: Path, folder: Path, lock: int) -> subprocess.Popen[str]:
        with self._lock:
            if self._stopped:
                raise ImageError("the local control plane is being stopped")
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                errors="replace",
                env=_variables(environment),
                cwd=folder,
                pass_fds=[lock],
                start_new_session=True,
            )
            self._running.add(process)
            return process


def _reason(lines: Iterable[str]) -> str:
    """Return uv's last lines from its `error:` on. Earlier lines report successes."""
    texts = list(lines)
    first = next((number for number, line in enumerate(texts) if line.startswith("error:")), 0)
    return " ".join(" ".join(texts[first:]).split()).removeprefix("error: ")


def _variables(environment: Path) -> dict[str, str]:
    passed = {name: os.environ[name] for name in (*CONFIGURATION, "PATH", PROCESS_VARIABLE) if name in os.environ}
    return {**machine_environment(), **passed, "VIRTUAL_ENV": str(environment)}


def _kill(process: subprocess.Popen[str]) -> None:
    """Kill uv and the build back ends that it started."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
