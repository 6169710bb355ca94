"""Processes that tests start: each is reaped, and none outlives the tests.

`started` is `subprocess.Popen` for a `with` block. `belonging_to` finds what has a folder in its command line or
environment. `Reaper` is a process of its own that ends what a test run leaves, however the run ends.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import psutil

# Seconds that a process has to end by itself on a busy machine, also after the last test.
PATIENCE = 60.0
# The same after the death of the process that ran the tests.
_PATIENCE_WITH_ORPHANS = 3.0
# A shell that somebody opened in a test's folder is not a process of the test.
_FOLDERS_OF_SHELLS = frozenset({"PWD", "OLDPWD"})


@contextlib.contextmanager
def started(command: Sequence[str], **options: Any) -> Iterator[subprocess.Popen[Any]]:
    """Start a process. At the end of the block it is killed if it still runs, and reaped."""
    with subprocess.Popen(list(command), **options) as process:
        try:
            yield process
        finally:
            process.kill()


@contextlib.contextmanager
def all_started(commands: Iterable[Sequence[str]], **options: Any) -> Iterator[list[subprocess.Popen[Any]]]:
    """Start a process for each command, as `started` does."""
    with contextlib.ExitStack() as stack:
        yield [stack.enter_context(started(command, **options)) for command in commands]


def belonging_to(folder: Path | str) -> list[psutil.Process]:
    """Return the running processes, except this one, that have the folder in their command line or environment."""
    mark = str(folder)
    belonging = []
    for process in psutil.process_iter():
        # A process may end between any two of these questions.
        with contextlib.suppress(psutil.Error, OSError):
            if process.pid == os.getpid() or process.status() == psutil.STATUS_ZOMBIE:
                continue
            variables = (value for name, value in process.environ().items() if name not in _FOLDERS_OF_SHELLS)
            if any(mark in text for text in (*process.cmdline(), *variables)):
                belonging.append(process)
    return belonging


def remaining(
    folder: Path | str, patience: float = PATIENCE, exempt: Sequence[psutil.Process] = ()
) -> list[psutil.Process]:
    """Wait until no process belongs to the folder, apart from the `exempt`.

    Returns those that still run after `patience` seconds.
    """
    deadline = time.monotonic() + patience
    while True:
        processes = [process for process in belonging_to(folder) if process not in exempt]
        if not processes or time.monotonic() > deadline:
            return processes
        time.sleep(0.1)


def kill(processes: Sequence[psutil.Process]) -> None:
    """Kill the processes; some may have ended already."""
    for process in processes:
        with contextlib.suppress(psutil.Error):
            process.kill()


def described(process: psutil.Process) -> str:
    """Return the pid and the beginning of the command line, for a message."""
    with contextlib.suppress(psutil.Error):
        return f"{process.pid} {' '.join(process.cmdline())[:200]}"
    return f"{process.pid} (ended)"


class Reaper:
    """A process that waits for the end of this one and then ends what belongs to a folder.

    It notices an interrupt, a kill and a crash alike, since the kernel closes this process's end of their pipe.
    """

    def __init__(self, folder: Path) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.processes", "--reap", os.fspath(folder)],
            cwd=Path(__file__).parent.parent,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,  # an interrupt from the terminal must not reach it
            text=True,
        )

    def close(self) -> list[str]:
        """End the reaper. Returns a line for each process that it had to kill."""
        output, _ = self._process.communicate()
        return output.splitlines()


def reap(folder: str) -> None:
    """Wait for the end of standard input, then kill what belongs to the folder and does not end, and print it."""
    ancestors = psutil.Process().parents()  # `pytest --basetemp FOLDER` belongs to the folder as well
    sys.stdin.read()
    lives = os.getppid() == ancestors[0].pid
    patience = PATIENCE if lives else _PATIENCE_WITH_ORPHANS
    while processes := remaining(folder, patience, ancestors):
        for process in processes:
            # Whoever would read this may be gone.
            with contextlib.suppress(OSError):
                print(described(process), flush=True)
        kill(processes)


if __name__ == "__main__":
    reap(sys.argv[2])
