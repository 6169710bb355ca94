"""The process of one attempt of an action: started in a group of its own, recognised again by a restarted server."""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import signal
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil

from flyte_local.errors import LocalServerError
from flyte_local.processes.environment import PROCESS_VARIABLE
from flyte_local.processes.process import is_alive, kill_marked, marked, signal_group, task_mark

_ADOPTED_POLL = 0.2
_GRACE = 5.0


class TaskStartError(LocalServerError):
    """An action's command cannot be started."""


@dataclass(frozen=True)
class TaskProcess:
    """What the store keeps. It is written before the process exists, so `pid` may be unknown; the token never is."""

    attempt: int
    token: str
    pid: int | None = None
    created: float | None = None

    def to_record(self) -> dict[str, object]:
        """As the store keeps it."""
        return asdict(self)

    def found(self) -> TaskProcess:
        """The same with its pid, where the server died before it could write it down."""
        if self.pid is None:
            for process, token in marked(self.token):
                with contextlib.suppress(psutil.Error, ProcessLookupError):
                    if os.getpgid(process.pid) == process.pid:
                        return TaskProcess(self.attempt, token, process.pid, process.create_time())
        return self

    @property
    def alive(self) -> bool:
        """Whether it still runs."""
        return self.pid is not None and is_alive(self.pid, self.created)

    async def wait(self) -> None:
        """Waits for the end of an adopted process; its exit code nobody can know."""
        while self.alive:  # noqa: ASYNC110  # not a child of ours: nothing tells us
            await asyncio.sleep(_ADOPTED_POLL)

    async def kill(self) -> None:
        """SIGTERM to the group, SIGKILL after five seconds, and SIGKILL to what left the group."""
        # A pid that is no longer ours may be anybody's by now, after a reboot for one: it gets no signal.
        if self.alive:
            signal_group(self.pid, signal.SIGTERM)
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(self.wait(), _GRACE)
            signal_group(self.pid, signal.SIGKILL)
        await asyncio.to_thread(kill_marked, self.token)

    def end_group(self) -> None:
        """SIGKILL to what a process that has ended a moment ago left running in its group."""
        signal_group(self.pid, signal.SIGKILL)


def not_on_path(command: str, search: str) -> TaskStartError:
    """The error of a command that is not there."""
    hint = " (`a0` comes with the package flyte)" if command == "a0" else ""
    return TaskStartError(f"command {command!r} is not on the task's PATH ({search}): install it there{hint}")


def planned(instance: str, attempt: int) -> TaskProcess:
    """The record of a process that is about to be started."""
    return TaskProcess(attempt, task_mark(instance) + secrets.token_hex(8))


async def start(
    plan: TaskProcess, argv: Sequence[str], environment: Mapping[str, str], folder: Path, log: Path
) -> tuple[TaskProcess, asyncio.subprocess.Process]:
    """Starts the command in `folder`, its output appended to `log`. Raises TaskStartError with the reason."""
    output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
    try:
        child = await asyncio.create_subprocess_exec(
            *argv,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env={**environment, PROCESS_VARIABLE: plan.token},
            cwd=folder,
            start_new_session=True,
        )
    except FileNotFoundError as error:
        raise not_on_path(argv[0], environment.get("PATH", "")) from error
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise TaskStartError(f"command {argv[0]!r} cannot be started: {reason}") from error
    finally:
        os.close(output)
    created = None
    with contextlib.suppress(psutil.Error):
        created = psutil.Process(child.pid).create_time()
    return TaskProcess(plan.attempt, plan.token, child.pid, created), child
