"""Starts, recognises and ends this server's processes.

Each process starts in its own group, with a random token in its environment, which its children inherit. The group
covers what a process spawned. The token covers what left the group.

A record of the process is in the store before the process exists. So the next server finds every process, even if this
one dies at any moment: by pid and start time, or by the token if the pid was not recorded.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import secrets
import signal
import time
from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Literal

import psutil

from flyte_local.errors import LocalServerError
from flyte_local.processes.environment import PROCESS_VARIABLE

_START_TIME_TOLERANCE = 2.0
_DEATH_POLL = 0.02
# Seconds that a killed process has to end. One that waits for a disk or a network file system may take longer.
_DEATH_SECONDS = 5.0
ProcessKind = Literal["app", "task", "warm"]


class CommandError(LocalServerError):
    """A command cannot be started."""


@dataclass(frozen=True)
class Command:
    """A command line, the environment and the working folder of its process, and the file that it prints to."""

    argv: Sequence[str]
    environment: Mapping[str, str]
    folder: Path
    log: Path


@dataclass(frozen=True)
class ProcessRecord:
    """A process in the store, enough to recognise it later. `pid` is unknown until the process has started.

    `created` is psutil's start time. `port` is the one that the process of an app was told to listen on.
    """

    token: str
    port: int = 0
    pid: int | None = None
    created: float | None = None

    @classmethod
    def planned(cls, kind: ProcessKind, instance: str, port: int = 0) -> ProcessRecord:
        """Return the record of a process that the server with this instance id is about to start."""
        return cls(mark(kind, instance) + secrets.token_hex(8), port)

    def to_bytes(self) -> bytes:
        """Return the record as JSON."""
        return json.dumps(asdict(self)).encode()

    @classmethod
    def from_bytes(cls, body: bytes) -> ProcessRecord:
        """Return the inverse of `to_bytes`."""
        return cls(**json.loads(body))

    def located(self) -> ProcessRecord:
        """Return the record with its pid, also if the server died before it could record the pid."""
        if self.pid is not None:
            return self
        for process, token in marked(self.token):
            with contextlib.suppress(psutil.Error, ProcessLookupError):
                # Its children inherit the token, but not the lead of the group.
                if token == self.token and os.getpgid(process.pid) == process.pid:
                    return replace(self, pid=process.pid, created=process.create_time())
        return self

    @property
    def alive(self) -> bool:
        """True while the process runs."""
        return self.pid is not None and is_alive(self.pid, self.created)


def not_on_path(command: str, search: str, workload: str) -> CommandError:
    """Return the error of a command that does not exist. `workload` is app or task."""
    hint = " (`a0` comes with the package flyte)" if command == "a0" else ""
    return CommandError(f"command {command!r} is not on the {workload}'s PATH ({search}): install it there{hint}")


def open_log(path: Path) -> int:
    """Return a descriptor that appends to a log file."""
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)


async def spawn(workload: str, plan: ProcessRecord, command: Command) -> tuple[ProcessRecord, Awaitable[int]]:
    """Start the command of an app or a task. Return its complete record, and the exit code to await.

    Raises CommandError.
    """
    program = command.argv[0]
    output = open_log(command.log)
    try:
        child = await asyncio.create_subprocess_exec(
            *command.argv,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env={**command.environment, PROCESS_VARIABLE: plan.token},
            cwd=command.folder,
            start_new_session=True,
        )
    except FileNotFoundError as error:
        raise not_on_path(program, command.environment.get("PATH", ""), workload) from error
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise CommandError(f"command {program!r} cannot be started: {reason}") from error
    finally:
        os.close(output)
    created = time.time()
    with contextlib.suppress(psutil.Error):
        created = psutil.Process(child.pid).create_time()
    return replace(plan, pid=child.pid, created=created), child.wait()


def describe_exit(code: int) -> str:
    """Return the end of a process for a person: `exited with code 3`, or `was killed by SIGKILL`."""
    # Negative from the operating system, above 128 from a shell around the command (POSIX 2.8.2).
    number = -code if code < 0 else code - 128
    if number > 0:
        with contextlib.suppress(ValueError):
            return f"was killed by {signal.Signals(number).name}"
    return f"exited with code {code}"


def mark(kind: ProcessKind, instance: str) -> str:
    """Return the prefix of the tokens of one kind of process, for the server with this instance id.

    `warm` are the workers, whose prefix is as long as that of tasks: see `warm.worker.mark`.
    """
    return f"{kind}-{instance}:"


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


async def end_marked(prefix: str | tuple[str, ...]) -> None:
    """Kill the processes whose token starts with (one of) `prefix`, and wait until they have ended.

    A signal is delivered when its receiver runs next. Until then, the process has its port and its memory.
    """
    pids = await asyncio.to_thread(kill_marked, prefix)
    loop = asyncio.get_running_loop()
    deadline = loop.time() + _DEATH_SECONDS
    while any(is_alive(pid, None) for pid in pids) and loop.time() < deadline:  # noqa: ASYNC110
        await asyncio.sleep(_DEATH_POLL)


def kill_marked(prefix: str | tuple[str, ...]) -> list[int]:
    """Kill the processes whose token starts with (one of) `prefix`. Return their pids."""
    killed = []
    for process, _ in marked(prefix):
        with contextlib.suppress(psutil.Error):
            process.kill()
            killed.append(process.pid)
    return killed
