"""A process of an app: it runs, or is adopted after a server died, and ends with everything that it spawned."""

from __future__ import annotations

import contextlib
import os

import psutil

from flyte_local.processes.ports import listening
from flyte_local.processes.process import Command, ProcessRecord, end_marked, marked, spawn
from flyte_local.processes.running import RunningProcess
from flyte_local.state.store import Store

PROCESS_KIND = "app-process"


class AppProcess(RunningProcess):
    """A running process of an app, and the ports that it and its children listen on."""

    @classmethod
    async def start(cls, plan: ProcessRecord, command: Command) -> AppProcess:
        """Start the command. Raises CommandError if that is impossible, with the reason."""
        return cls(*await spawn("app", plan, command))

    @classmethod
    def adopt(cls, record: ProcessRecord) -> AppProcess | None:
        """Return the process that a record describes, if it still runs."""
        record = record.located()
        return cls(record) if record.alive else None

    @property
    def port(self) -> int:
        """The port that it was told to listen on."""
        return self.record.port

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


async def end_recorded(store: Store, name: str) -> None:
    """End the process that a record describes, with everything it spawned, and delete the record."""
    body = store.get(PROCESS_KIND, name)
    if body is not None:
        await end_marked(ProcessRecord.from_bytes(body).token)
        store.delete(PROCESS_KIND, name)
