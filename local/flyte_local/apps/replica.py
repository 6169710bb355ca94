"""A replica of an app's revision: a process that is started again whenever it ends.

    start → (not ready) → ready → exited → start …

The pause between two starts doubles up to a minute. It is reset once the replica has been healthy for a while.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import shutil
from collections.abc import Awaitable, Callable
from pathlib import Path

from flyte_local.apps import health
from flyte_local.apps.environment import app_environment
from flyte_local.apps.events import EventName
from flyte_local.apps.host import AppHost
from flyte_local.apps.process import PROCESS_KIND, AppProcess, end_recorded
from flyte_local.apps.revision_record import RevisionRecord, replica_label
from flyte_local.apps.workload import Workload, workload
from flyte_local.errors import LocalServerError
from flyte_local.home import make_folder
from flyte_local.memory.limit import limit_here
from flyte_local.memory.watch import WatchedWorkload
from flyte_local.processes.ports import free_port, is_listening, laments_port, listener, rewrite_port
from flyte_local.processes.process import Command, ProcessRecord, describe_exit
from flyte_local.secrets.redaction import app_workload, mask_of
from flyte_local.wire.app_key import AppKey

_log = logging.getLogger(__name__)
GRACE_SECONDS = 10.0
_STABLE_SECONDS = 20.0
# An app may take minutes to fill its memory. Kubernetes resets a container's back-off after ten minutes.
_STABLE_SECONDS_AFTER_OOM = 600.0
_FIRST_PAUSE = 1.0
_FIRST_PAUSE_SERVING = 0.25
_LONGEST_PAUSE = 60.0
_DRAIN_POLL = 0.05


class Replica:
    """Runs one replica until `stop`. It calls `changed` whenever `ready_port` or `problem` has changed."""

    def __init__(
        self,
        host: AppHost,
        key: AppKey,
        revision: RevisionRecord,
        number: int,
        changed: Callable[[Replica], None],
        was_healthy: bool,
    ) -> None:
        self.key = key
        self.number = number
        self.ready_port: int | None = None
        self.problem: str | None = None
        self.was_healthy = was_healthy
        self.crashes = 0
        self.in_flight = 0
        self.request_timeout = 0.0
        self._work: Workload | None = None
        self._revision = revision
        self._label = replica_label(revision.number, number)
        self._host = host
        self._context = host.context
        self._changed = changed
        self._logs = host.logs(key)
        self._process: AppProcess | None = None
        self._memory: WatchedWorkload | None = None
        self._stable = _STABLE_SECONDS
        self._task: asyncio.Task[None] | None = None
        self._drain_until = float("inf")

    @property
    def fixed_port(self) -> bool:
        """True if the process ignores PORT and uses the declared port, so that only one replica can run."""
        return self._process is not None and self.ready_port is not None and self.ready_port != self._process.port

    def run(self) -> None:
        """Adopt the process that an earlier server left, or start one."""
        if self._task is None:
            self._task = asyncio.create_task(self._run(), name=f"{self.key} replica {self._label}")

    async def stop(self, drain: float = 0.0, grace: float = GRACE_SECONDS) -> None:
        """End the process and everything that it has started.

        Running requests get up to `drain` seconds. Then comes SIGTERM, and after `grace` seconds SIGKILL.
        """
        self.hasten(drain)
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
            self._task = None
        process, self._process = self._process, None
        self.ready_port = None
        if process is not None:
            self._record("draining")
            loop = asyncio.get_running_loop()
            # Polled, because this happens rarely and requests should not have to signal it.
            while self.in_flight and process.alive and loop.time() < self._drain_until:  # noqa: ASYNC110
                await asyncio.sleep(_DRAIN_POLL)
            await process.end(grace)
            self._record("stopped")
        # `stop` may have come in the middle of a start, before the process was recorded here.
        await end_recorded(self._context.store, self._store_key)
        await asyncio.to_thread(self._remove_folders)

    def hasten(self, drain: float = 0.0) -> None:
        """Limit the time of running requests, also after a call of `stop` with a longer time."""
        self._drain_until = min(self._drain_until, asyncio.get_running_loop().time() + drain)

    @property
    def _store_key(self) -> str:
        return f"{self.key}#{self._revision.number}-{self.number}"

    @property
    def _folder(self) -> Path:
        return self._host.folder(self.key) / "work" / self._label

    @property
    def _secrets_folder(self) -> Path:
        return self._folder.with_suffix(".secrets")

    def _remove_folders(self) -> None:
        for folder in (self._folder, self._secrets_folder):
            shutil.rmtree(folder, ignore_errors=True)

    async def _run(self) -> None:
        begin = self._adopt_or_start
        while True:
            try:
                await self._live(begin)
            except Exception as error:
                # No error, such as a bug or a full disk, may end the loop, because nothing would start the app again.
                _log.exception("running %s replica %s failed", self.key, self._label)
                with contextlib.suppress(Exception):
                    self._fail(f"flyte-local failed ({type(error).__name__}): see its server.log")
            begin = self._start
            await asyncio.sleep(restart_pause(self.crashes, self.was_healthy))

    async def _live(self, begin: Callable[[], Awaitable[AppProcess]]) -> None:
        """Run one process from its start to its end."""
        process = None
        try:
            process = await begin()
            self._watch_memory(process)
            await self._serve(process)
        except LocalServerError as error:
            self._fail(str(error))
        except OSError as error:
            self._fail(f"cannot be started: {error.strerror or error}")
        except asyncio.CancelledError:
            process = None  # `stop` ends it, and gives it time.
            raise
        finally:
            if process is not None:
                # Processes that the leader left behind would still use its port and its memory.
                await process.end(0)

    async def _adopt_or_start(self) -> AppProcess:
        body = self._context.store.get(PROCESS_KIND, self._store_key)
        process = AppProcess.adopt(ProcessRecord.from_bytes(body)) if body else None
        if process is None:
            return await self._start()
        self._read_spec()
        self._process = process
        self._record("adopted", f"pid {process.pid}")
        return process

    def _read_spec(self) -> Workload:
        self._work = work = workload(self._revision.spec)
        self.request_timeout = work.request_timeout
        return work

    async def _start(self) -> AppProcess:
        work = self._read_spec()
        await asyncio.to_thread(self._remove_folders)
        secrets = self._host.vault.environment(
            work.secrets, self.key.project, self.key.domain, self._secrets_folder, workload=app_workload(self.key)
        )
        folder = make_folder(self._folder)
        data = make_folder(self._folder.parent.parent / "data")
        image = await self._host.images.prepare(work.image, self._revision.python)
        variables = await asyncio.to_thread(image.lay_out, folder)
        argv = [image.placed(part, folder).replace("{{.rawOutputDataPrefix}}", str(data)) for part in work.argv]
        # Chosen as late as possible: other programs of this machine choose ports, too.
        port = free_port()
        plan = ProcessRecord.planned("app", self._context.instance_id, port)
        self._context.store.put(PROCESS_KIND, self._store_key, plan.to_bytes())
        environment = app_environment(
            self._context, self.key, image.python, variables, work.environment, secrets, port, work.port
        )
        self._record("starting", f"port {port}")
        log = self._logs.prepare(self._revision.number, self.number)
        command = Command(rewrite_port(argv, work.port, port), environment, folder, log)
        process = await AppProcess.start(plan, command)
        self._process = process
        self._context.store.put(PROCESS_KIND, self._store_key, process.record.to_bytes())
        return process

    async def _serve(self, process: AppProcess) -> None:
        assert self._work is not None
        ready = asyncio.ensure_future(health.ready_port(process, self._work))
        limit = self._work.health_timeout or health.DEFAULT_TIMEOUT
        try:
            done, _ = await asyncio.wait({ready}, timeout=limit)
            if not done:
                reason = await health.unready_reason(process, self._work)
                if not ready.done():
                    self._not_healthy(limit, reason)
            port = await ready
        finally:
            ready.cancel()
        if port is not None:
            self.ready_port, self.problem, self.was_healthy = port, None, True
            self._record("healthy", f"port {port}")
            self._changed(self)
            loop = asyncio.get_running_loop()
            since = loop.time()
            await process.wait()
            if loop.time() - since >= self._stable:
                self.crashes, self._stable = 0, _STABLE_SECONDS
        code = await process.wait()
        if port is None and await self._lost_port(process):
            self._logs.write(
                self._revision.number,
                f"[flyte-local] another program has taken port {process.port}: starting on another",
                self.number,
            )
            return
        await self._exited(code)

    async def _lost_port(self, process: AppProcess) -> bool:
        """Return whether another program took the port that was chosen for a process, before the process could."""
        if not await asyncio.to_thread(self._has_port_conflict):
            return False
        await process.end(0)  # What it has started may be what listens there.
        return await asyncio.to_thread(is_listening, process.port)

    def _watch_memory(self, process: AppProcess) -> None:
        """Limit the memory of the process and everything that it starts, until the process has ended."""
        assert self._work is not None
        watch, limit = self._host.memory, limit_here(self._work.memory)
        self._memory = workload = watch.begin(process.pid, process.record.token, limit)
        process.exit.add_done_callback(lambda _: watch.end(workload))

    def _not_healthy(self, limit: float, reason: str) -> None:
        self.problem = f"not healthy within {limit:g} s" + (f": {reason}" if reason else "")
        self._record("unhealthy", self.problem)
        self._changed(self)

    async def _exited(self, code: int | None) -> None:
        if self._memory is not None and self._memory.reason is not None:
            self._stable = _STABLE_SECONDS_AFTER_OOM
            self._fail(self._memory.reason)
            return
        reason = "exited" if code is None else describe_exit(code)
        if not self.ready_port and self._work is not None:
            reason += await asyncio.to_thread(self._port_conflict, self._work.port)
        self._fail(reason)

    def _port_conflict(self, port: int) -> str:
        """Return a sentence about the process that uses the declared port, or '' if that did not cause the exit."""
        if not self._has_port_conflict() or not is_listening(port):
            return ""
        owner = listener(port)
        who = f" by pid {owner[0]} ({owner[1]})" if owner else ""
        return (
            f"; its declared port {port} is taken{who}, and a program that listens there regardless of PORT "
            "cannot start: make it read PORT or declare another port"
        )

    def _has_port_conflict(self) -> bool:
        last = self._logs.tail(self._revision.number, 20, self.number)
        return any(laments_port(line.text) for line in last)

    def _fail(self, reason: str) -> None:
        self.crashes += 1
        reason = mask_of(self._host.vault, app_workload(self.key))(reason)
        self.problem, self.ready_port, self._process = reason, None, None
        self._logs.write(self._revision.number, f"[flyte-local] {reason}", self.number)
        self._record("exited", reason)
        self._changed(self)

    def _record(self, event: EventName, detail: str = "") -> None:
        parts = (f"replica {self.number}" if self.number > 1 else "", detail)
        self._host.events.record(self.key, self._revision.number, event, ", ".join(filter(None, parts)))


def restart_pause(crashes: int, was_healthy: bool) -> float:
    """Return the seconds until the next start, after `crashes` exits in a row."""
    first = _FIRST_PAUSE_SERVING if was_healthy else _FIRST_PAUSE
    # The exponent is bounded, because the power would overflow for an app that has crashed for a day.
    return min(_LONGEST_PAUSE, first * 2.0 ** min(max(crashes - 1, 0), 10))
