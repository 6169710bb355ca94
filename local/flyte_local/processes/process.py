"""Starts, recognises and ends this server's processes.

Each process starts in its own group, with a random token in its environment, which its children inherit. The group
covers what a process spawned. The token covers what left the group.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path

import psutil

from flyte_local.errors import LocalServerError
from flyte_local.processes.environment import PROCESS_VARIABLE

_START_TIME_TOLERANCE = 2.0
_POLL = 0.2


class CommandError(LocalServerError):
    """A command cannot be started."""


def not_on_path(command: str, search: str, workload: str) -> CommandError:
    """Return the error of a command that does not exist. `workload` is app or task."""
    hint = " (`a0` comes with the package flyte)" if command == "a0" else ""
    return CommandError(f"command {command!r} is not on the {workload}'s PATH ({search}): install it there{hint}")


async def spawn(
    workload: str, argv: Sequence[str], environment: Mapping[str, str], folder: Path, output: int, token: str
) -> tuple[asyncio.subprocess.Process, float]:
    """Start the command of an app or a task. Return the process and its start time. Raises CommandError."""
    try:
        child = await asyncio.create_subprocess_exec(
            *argv,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env={**environment, PROCESS_VARIABLE: token},
            cwd=folder,
            start_new_session=True,
        )
    except FileNotFoundError as error:
        raise not_on_path(argv[0], environment.get("PATH", ""), workload) from error
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise CommandError(f"command {argv[0]!r} cannot be started: {reason}") from error
    with contextlib.suppress(psutil.Error):
        return child, psutil.Process(child.pid).create_time()
    return child, time.time()


async def end(group: int | None, token: str, wait: Callable[[], Awaitable[object]], grace: float) -> None:
    """Send SIGTERM to the group. After `wait`, or after `grace` seconds, send SIGKILL to it and to what left it."""
    signal_group(group, signal.SIGTERM)
    with contextlib.suppress(asyncio.TimeoutError):
        await asyncio.wait_for(wait(), grace)
    signal_group(group, signal.SIGKILL)
    await asyncio.to_thread(kill_marked, token)


async def ended(pid: int, created: float | None) -> None:
    """Wait for the end of a process that this process did not start. Its exit code cannot be known."""
    while is_alive(pid, created):  # noqa: ASYNC110 (nobody tells when a foreign process ends)
        await asyncio.sleep(_POLL)


def app_mark(instance: str) -> str:
    """Return the prefix of the tokens of app processes, for the server with this instance id."""
    return f"{instance}:"


def task_mark(instance: str) -> str:
    """Return the prefix of the tokens of task processes."""
    return f"run-{instance}:"


def warm_mark(instance: str) -> str:
    """Return the prefix of the tokens of warm workers, but not of the tasks that they start."""
    return f"warm-{instance}:"


def is_alive(pid: int, created: float | None) -> bool:
    """Return whether the pid still is the process that was started at that time. The system uses pids again."""
    try:
        process = psutil.Process(pid)
        if created is not None and abs(process.create_time() - created) > _START_TIME_TOLERANCE:
            return False
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False


def signal_group(group: int | None, number: signal.Signals) -> None:
    """Send a signal to a process group that may be gone."""
    if group is not None and group > 1:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(group, number)


def marked(prefix: str | tuple[str, ...]) -> list[tuple[psutil.Process, str]]:
    """Return this user's processes whose token starts with (one of) `prefix`, with their tokens."""
    processes = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, OSError):
            token = process.environ().get(PROCESS_VARIABLE, "")
            if token.startswith(prefix) and process.pid != os.getpid() and process.status() != psutil.STATUS_ZOMBIE:
                processes.append((process, token))
    return processes


def kill_marked(prefix: str | tuple[str, ...]) -> list[int]:
    """Kill the processes whose token starts with (one of) `prefix`. Return their pids."""
    killed = []
    for process, _ in marked(prefix):
        with contextlib.suppress(psutil.Error):
            process.kill()
            killed.append(process.pid)
    return killed


def located(token: str) -> tuple[int, float] | None:
    """Return pid and start time of the process that was started with the token. Its children do not count."""
    for process, process_token in marked(token):
        with contextlib.suppress(psutil.Error, ProcessLookupError):
            if process_token == token and os.getpgid(process.pid) == process.pid:
                return process.pid, process.create_time()
    return None
