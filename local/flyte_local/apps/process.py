"""A process of an app: it runs, or is adopted after a server died, and ends with everything that it spawned."""

from __future__ import annotations

import asyncio
import contextlib
import os

import psutil

from flyte_local.processes.ports import listening
from flyte_local.processes.process import Command, ProcessRecord, end, end_marked, marked, spawn
from flyte_local.state.store import Store

PROCESS_KIND = "app-process"


class AppProcess:
    """A running process, a child of this server or an adopted one."""

    def __init__(self, record: ProcessRecord, child: asyncio.subprocess.Process | None) -> None:
        assert record.pid is not None
        self.record = record
        self.pid: int = record.pid
        self._child = child
        self._exit = asyncio.create_task(self._wait())

    @classmethod
    async def start(cls, plan: ProcessRecord, command: Command) -> AppProcess:
        """Start the command. Raises CommandError if that is impossible, with the reason."""
        return cls(*await spawn("app", plan, command))

    @classmethod
    def adopt(cls, record: ProcessRecord) -> AppProcess | None:
        """Return the process that a record describes, if it still runs."""
        record = record.located()
        return cls(record, None) if record.alive else None

    @property
    def port(self) -> int:
        """The port that it was told to listen on."""
        return self.record.port

    @property
    def alive(self) -> bool:
        """True while the process runs."""
        return not self._exit.done()

    @property
    def exit(self) -> asyncio.Task[int | None]:
        """A task that is done once the process has ended. It must not be cancelled."""
        return self._exit

    async def wait(self) -> int | None:
        """Return the exit code, negative for a signal. An adopted process has None: only a parent gets the code."""
        return await asyncio.shield(self._exit)

    def pids(self) -> list[int]:
        """Return the process and all it spawned."""
        with contextlib.suppress(psutil.Error):
            return [self.pid, *(child.pid for child in psutil.Process(self.pid).children(recursive=True))]
        return [self.pid]

    def ports(self) -> set[int]:
        """Return the TCP ports on which the process and everything that it spawned listen."""
        return listening(self.pids()) | listening(self._strays())

    def _strays(self) -> list[int]:
        """Return the processes in its group or with its token: a daemon leaves its parent.

        Every process is looked at.
        """
        pids = [process.pid for process, _ in marked(self.record.token)]
        for pid in psutil.pids():
            with contextlib.suppress(ProcessLookupError, PermissionError):
                if os.getpgid(pid) == self.pid:
                    pids.append(pid)
        return pids

    async def end(self, grace: float) -> None:
        """Send SIGTERM to the group. After `grace` seconds, send SIGKILL to the group and to what left it."""
        await end(self.pid, self.record.token, self.wait, grace)
        await self.wait()

    async def _wait(self) -> int | None:
        if self._child is not None:
            return await self._child.wait()
        await self.record.wait()
        return None


async def end_recorded(store: Store, name: str) -> None:
    """End the process that a record describes, with everything it spawned, and delete the record."""
    body = store.get(PROCESS_KIND, name)
    if body is not None:
        await end_marked(ProcessRecord.from_bytes(body).token)
        store.delete(PROCESS_KIND, name)
