"""The server's end of one warm worker: it starts the worker, starts tasks in its children, and gets exit codes."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import socket
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import psutil

from flyte_local.processes.environment import PROCESS_VARIABLE
from flyte_local.processes.process import ProcessRecord, signal_group
from flyte_local.processes.running import RunningProcess
from flyte_local.warm import worker

_READY_SECONDS = 60.0
_HELLO_SECONDS = 30.0
_STOP_SECONDS = 5.0
_MAX_PACKET = 1 << 16


class WorkerError(Exception):
    """A warm worker cannot start a task; the text says why. The task has not begun."""


class WarmLink:
    """One worker. `open` is False once it takes no more tasks."""

    def __init__(self, control: socket.socket, process: asyncio.subprocess.Process) -> None:
        self._control = control
        self._process = process
        self._codes: dict[str, asyncio.Future[int | None]] = {}
        self._ready: asyncio.Future[dict[str, int]] = asyncio.get_running_loop().create_future()
        self._seen: dict[str, int] = {}
        self.open = True
        asyncio.get_running_loop().add_reader(control, self._receive)

    @classmethod
    async def launch(cls, python: str, environment: Mapping[str, str], token: str, idle: float) -> WarmLink:
        """Start a worker and wait for its imports. `token` is as long as a task's. Raises WorkerError or OSError."""
        server_end, worker_end = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        server_end.setblocking(False)
        try:
            process = await asyncio.create_subprocess_exec(
                python,
                worker.__file__,
                str(worker_end.fileno()),
                str(idle),
                stdin=asyncio.subprocess.DEVNULL,
                env={**environment, PROCESS_VARIABLE: token},
                cwd="/",
                pass_fds=(worker_end.fileno(),),
                start_new_session=True,
            )
        except BaseException:
            server_end.close()
            raise
        finally:
            worker_end.close()
        link = cls(server_end, process)
        try:
            link._seen = await asyncio.wait_for(link._ready, _READY_SECONDS)
        except BaseException as error:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            link._lose()
            await process.wait()
            if isinstance(error, asyncio.TimeoutError):
                raise WorkerError(f"it was not ready within {_READY_SECONDS:g} s") from None
            raise
        return link

    @property
    def running(self) -> bool:
        """True while its process runs."""
        return self._process.returncode is None

    @property
    def fresh(self) -> bool:
        """True if the packages that it has imported are still the installed ones."""
        try:
            return all(os.stat(path).st_mtime_ns == changed for path, changed in self._seen.items())
        except OSError:
            return False

    async def start(self, plan: ProcessRecord, task: Mapping[str, Any]) -> RunningProcess:
        """Run a task in a child. Raises WorkerError or OSError if that is impossible and nothing has run."""
        server_end, child_end = socket.socketpair()
        code: asyncio.Future[int | None] = asyncio.get_running_loop().create_future()
        self._codes[plan.token] = code
        try:
            with child_end:
                socket.send_fds(self._control, [plan.token.encode()], [child_end.fileno()])
            reader, writer = await asyncio.open_connection(sock=server_end)
        except BaseException:
            self._codes.pop(plan.token, None)
            server_end.close()
            raise
        pid = 0
        try:
            pid = int(await asyncio.wait_for(reader.readline(), _HELLO_SECONDS) or b"0")
            if not pid:
                raise WorkerError("it ended before the task began")
            process = replace(plan, pid=pid, created=psutil.Process(pid).create_time())
            writer.write(json.dumps(task).encode())
            await writer.drain()
            writer.write_eof()
        except BaseException as error:
            # The task may have begun by now, after the wait for it has ended.
            signal_group(pid, signal.SIGKILL)
            self._codes.pop(plan.token, None)
            if isinstance(error, (asyncio.TimeoutError, psutil.Error)):
                raise WorkerError(f"it started no child within {_HELLO_SECONDS:g} s") from None
            raise
        finally:
            writer.close()
        return RunningProcess(process, code)

    def retire(self) -> None:
        """Let the worker end as soon as its children have ended."""
        self.open = False
        with contextlib.suppress(OSError):
            self._control.shutdown(socket.SHUT_WR)

    async def end(self) -> None:
        """End the worker. It should have no children any more."""
        self.retire()
        try:
            await asyncio.wait_for(self._process.wait(), _STOP_SECONDS)
        except asyncio.TimeoutError:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()
            await self._process.wait()
        self._lose()

    def _receive(self) -> None:
        try:
            packet = self._control.recv(_MAX_PACKET)
        except BlockingIOError:
            return
        except OSError:
            packet = b""
        if not packet:
            self._lose()
            return
        message = json.loads(packet)
        if "ready" in message:
            self._ready.set_result(message["ready"])
        elif "failed" in message:
            self._ready.set_exception(WorkerError(message["failed"]))
        elif code := self._codes.pop(message["token"], None):
            code.set_result(message["code"])

    def _lose(self) -> None:
        """Note that the worker is gone. The exit codes of its children are lost."""
        self.open = False
        if self._control.fileno() >= 0:
            asyncio.get_running_loop().remove_reader(self._control)
            self._control.close()
        if not self._ready.done():
            self._ready.set_exception(WorkerError("it ended while it started"))
            self._ready.exception()
        for code in self._codes.values():
            code.set_result(None)
        self._codes.clear()
