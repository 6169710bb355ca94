"""How this server's processes are recognised and ended: a random token is in the environment of each, and of whatever
it spawns. A process group covers what a process spawned; the token covers what left the group."""

from __future__ import annotations

import contextlib
import os
import signal

import psutil

from flyte_local.processes.environment import PROCESS_VARIABLE

_START_TIME_TOLERANCE = 2.0


def app_mark(instance: str) -> str:
    """What the tokens of app processes of the server with this instance id start with."""
    return f"{instance}:"


def task_mark(instance: str) -> str:
    """The same of tasks' processes."""
    return f"run-{instance}:"


def warm_mark(instance: str) -> str:
    """The same of warm workers, not of the tasks that they start."""
    return f"warm-{instance}:"


def is_alive(pid: int, created: float | None) -> bool:
    """Whether the pid is still the process that was started then: pids are used again."""
    try:
        process = psutil.Process(pid)
        if created is not None and abs(process.create_time() - created) > _START_TIME_TOLERANCE:
            return False
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False


def signal_group(group: int | None, number: signal.Signals) -> None:
    """Sends a signal to a process group that may be gone."""
    if group is not None and group > 1:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(group, number)


def marked(prefix: str | tuple[str, ...]) -> list[tuple[psutil.Process, str]]:
    """This user's processes whose token starts with (one of) `prefix`, with their tokens."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, OSError):
            token = process.environ().get(PROCESS_VARIABLE, "")
            if token.startswith(prefix) and process.pid != os.getpid() and process.status() != psutil.STATUS_ZOMBIE:
                found.append((process, token))
    return found


def kill_marked(prefix: str | tuple[str, ...]) -> list[int]:
    """Kills the processes whose token starts with (one of) `prefix`; their pids."""
    killed = []
    for process, _ in marked(prefix):
        with contextlib.suppress(psutil.Error):
            process.kill()
            killed.append(process.pid)
    return killed
