"""A process of an app: started in its own group, recognised after the server died, ended with everything it spawned.

A record of the process is in the store before the process exists, and a random token is in its environment. So the next
server finds every process, even if this one dies at any moment: by pid and start time, or by the token if the pid was
not recorded. A process group covers what the app spawned. The token covers what left the group.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil

from flyte_local.processes.ports import listening
from flyte_local.processes.process import end, ended, is_alive, kill_marked, located, marked, spawn
from flyte_local.state.store import Store

PROCESS_KIND = "app-process"


@dataclass(frozen=True)
class ProcessRecord:
    """The record of a process in the store, enough to recognise it later. `created` is psutil's start time."""

    token: str
    port: int
    pid: int | None = None
    group: int | None = None
    created: float | None = None

    def to_bytes(self) -> bytes:
        """Return the record as JSON."""
        return json.dumps(asdict(self)).encode()

    @classmethod
    def from_bytes(cls, body: bytes) -> ProcessRecord:
        """Return the inverse of `to_bytes`."""
        return cls(**json.loads(body))


class AppProcess:
    """A running process, a child of this server or an adopted one."""

    def __init__(self, record: ProcessRecord, child: asyncio.subprocess.Process | None) -> None:
        if record.pid is None:
            raise ValueError("a process needs a pid")
        self.record = record
        self.pid: int = record.pid
        self._child = child
        self._exit = asyncio.create_task(self._wait())

    @classmethod
    async def start(
        cls, record: ProcessRecord, argv: Sequence[str], environment: Mapping[str, str], folder: Path, output: int
    ) -> AppProcess:
        """Start the command. Raises CommandError if that is impossible, with the reason."""
        child, created = await spawn("app", argv, environment, folder, output, record.token)
        return cls(ProcessRecord(record.token, record.port, child.pid, child.pid, created), child)

    @classmethod
    def adopt(cls, record: ProcessRecord) -> AppProcess | None:
        """Return the process that a record describes, if it still runs."""
        if record.pid is None and (location := located(record.token)) is not None:
            pid, created = location
            record = ProcessRecord(record.token, record.port, pid, pid, created)
        if record.pid is None or not is_alive(record.pid, record.created):
            return None
        return cls(record, None)

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

    def listens_on(self, port: int) -> bool:
        """Return whether the listener on that port belongs to this app."""
        return port in listening(self.pids()) or port in listening(self._strays())

    def _strays(self) -> list[int]:
        """Return the processes in its group or with its token: a daemon leaves its parent.

        Every process is looked at.
        """
        pids = [process.pid for process, _ in marked(self.record.token)]
        for pid in psutil.pids():
            with contextlib.suppress(ProcessLookupError, PermissionError):
                if os.getpgid(pid) == self.record.group:
                    pids.append(pid)
        return pids

    async def end(self, grace: float) -> None:
        """Send SIGTERM to the group. After `grace` seconds, send SIGKILL to the group and to what left it."""
        await end(self.record.group, self.record.token, self.wait, grace)
        await self.wait()

    async def _wait(self) -> int | None:
        if self._child is not None:
            return await self._child.wait()
        await ended(self.pid, self.record.created)
        return None


async def end_recorded(store: Store, name: str) -> None:
    """End the process that a record describes, with everything it spawned, and delete the record."""
    body = store.get(PROCESS_KIND, name)
    if body is not None:
        await asyncio.to_thread(kill_marked, ProcessRecord.from_bytes(body).token)
        store.delete(PROCESS_KIND, name)
