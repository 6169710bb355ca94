"""One process of an app: started in a group of its own, found again after the server died, ended with all it spawned.

A record of the process is in the store before it exists, and a random token is in its environment. So whatever moment
the server dies at, its successor finds every process: by pid and start time, or, where the pid was never written down,
by the token. A process group covers what the app spawned; the token covers what left the group.
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
    """What the store keeps of a process: enough to recognise it later. `created` is psutil's start time."""

    token: str
    port: int
    pid: int | None = None
    group: int | None = None
    created: float | None = None

    def to_bytes(self) -> bytes:
        """As JSON."""
        return json.dumps(asdict(self)).encode()

    @classmethod
    def from_bytes(cls, body: bytes) -> ProcessRecord:
        """The inverse of `to_bytes`."""
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
        """Starts the command. Raises CommandError where that is impossible, with the reason."""
        child, created = await spawn("app", argv, environment, folder, output, record.token)
        return cls(ProcessRecord(record.token, record.port, child.pid, child.pid, created), child)

    @classmethod
    def adopt(cls, record: ProcessRecord) -> AppProcess | None:
        """The process that a record describes, if it still runs."""
        if record.pid is None and (found := located(record.token)) is not None:
            pid, created = found
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
        """Whether it still runs."""
        return not self._exit.done()

    @property
    def exit(self) -> asyncio.Task[int | None]:
        """Done once it has ended; not to be cancelled."""
        return self._exit

    async def wait(self) -> int | None:
        """Its exit code, negative for a signal; None for an adopted one, whose code nobody can know."""
        return await asyncio.shield(self._exit)

    def pids(self) -> list[int]:
        """The process and all it spawned."""
        with contextlib.suppress(psutil.Error):
            return [self.pid, *(child.pid for child in psutil.Process(self.pid).children(recursive=True))]
        return [self.pid]

    def ports(self) -> set[int]:
        """The TCP ports that it listens on, and what it spawned, whether that is still below it or not."""
        return listening(self.pids()) | listening(self._strays())

    def listens_on(self, port: int) -> bool:
        """Whether the listener on that port is of this app, not another program's."""
        return port in listening(self.pids()) or port in listening(self._strays())

    def _strays(self) -> list[int]:
        """What is in its group or has its token: a daemon that it became is no child of it. Looks at every process."""
        found = [process.pid for process, _ in marked(self.record.token)]
        for pid in psutil.pids():
            with contextlib.suppress(ProcessLookupError, PermissionError):
                if os.getpgid(pid) == self.record.group:
                    found.append(pid)
        return found

    async def end(self, grace: float) -> None:
        """SIGTERM to the group, SIGKILL after `grace` seconds, and the same for what left the group."""
        await end(self.record.group, self.record.token, self.wait, grace)
        await self.wait()

    async def _wait(self) -> int | None:
        if self._child is not None:
            return await self._child.wait()
        await ended(self.pid, self.record.created)
        return None


async def end_recorded(store: Store, name: str) -> None:
    """Ends the process that the record of that name describes, and all it spawned; then the record goes."""
    body = store.get(PROCESS_KIND, name)
    if body is not None:
        await asyncio.to_thread(kill_marked, ProcessRecord.from_bytes(body).token)
        store.delete(PROCESS_KIND, name)
