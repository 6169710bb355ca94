"""The process of an attempt: it starts in its own group, and a restarted server recognises it."""

from __future__ import annotations

import asyncio
import os
import secrets
import signal
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from flyte_local.processes.process import end, ended, is_alive, located, signal_group, spawn, task_mark


@dataclass(frozen=True)
class TaskProcess:
    """The record of a process. It is written before the process exists, so `pid` may be unknown. The token is known."""

    attempt: int
    token: str
    pid: int | None = None
    created: float | None = None

    def to_record(self) -> dict[str, object]:
        """Return the record for the store."""
        return asdict(self)

    def with_pid(self) -> TaskProcess:
        """Return the record with its pid, also if the server died before it could record the pid."""
        if self.pid is None and (location := located(self.token)) is not None:
            return TaskProcess(self.attempt, self.token, *location)
        return self

    @property
    def alive(self) -> bool:
        """True while the process runs."""
        return self.pid is not None and is_alive(self.pid, self.created)

    async def wait(self) -> None:
        """Wait for the end of an adopted process. Its exit code cannot be known."""
        if self.pid is not None:
            await ended(self.pid, self.created)

    async def end(self, grace: float) -> None:
        """Send SIGTERM to the group, SIGKILL after `grace` seconds, and SIGKILL to what left the group."""
        # A pid that is no longer ours may be anybody's by now, after a reboot for one: it gets no signal.
        await end(self.pid if self.alive else None, self.token, self.wait, grace)

    def end_group(self) -> None:
        """Send SIGKILL to the processes that an ended process left in its group."""
        signal_group(self.pid, signal.SIGKILL)


def planned(instance: str, attempt: int) -> TaskProcess:
    """Return the record of a process that is about to be started."""
    return TaskProcess(attempt, task_mark(instance) + secrets.token_hex(8))


async def start(
    plan: TaskProcess, argv: Sequence[str], environment: Mapping[str, str], folder: Path, log: Path
) -> tuple[TaskProcess, asyncio.subprocess.Process]:
    """Start the command in `folder`, its output appended to `log`. Raises CommandError with the reason."""
    output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
    try:
        child, created = await spawn("task", argv, environment, folder, output, plan.token)
    finally:
        os.close(output)
    return TaskProcess(plan.attempt, plan.token, child.pid, created), child
