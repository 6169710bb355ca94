"""A revision of an app: a specification, and as many replicas as its scaling and the app's load ask for.

The first replica starts alone. It shows whether the program listens where it is told, so that several can run side by
side. A revision is proven once as many replicas as it begins with have been healthy. A proven revision may scale to
zero, and stays proven while it has no process and while one starts for a request.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Iterable

from flyte_local.apps.host import AppHost
from flyte_local.apps.process import PROCESS_KIND, end_recorded
from flyte_local.apps.replica import GRACE_SECONDS, Replica
from flyte_local.apps.revision_record import RevisionRecord
from flyte_local.apps.scaling import Meter, Need, load_between, needed, remember, scaling, wanted
from flyte_local.wire.app_key import AppKey

_log = logging.getLogger(__name__)
_IDLE_KIND = "app-idle"
_LONGEST_TICK = 1.0
_SHORTEST_TICK = 0.05
_TICKS_IN_A_WINDOW = 4
_CRASH_LOOP = 3


class Revision:
    """Runs one revision until `stop`. `changed` is called whenever its replicas, its health or `problem` changed.

    `meter` counts the app's requests; `begins_with` is how many replicas a former revision had.
    """

    def __init__(
        self,
        host: AppHost,
        key: AppKey,
        record: RevisionRecord,
        changed: Callable[[Revision], None],
        meter: Meter,
        begins_with: int = 1,
    ) -> None:
        self.key = key
        self.record = record
        self.scaling = scaling(record.spec.autoscaling)
        self.fixed_port = False
        self.proven = False
        self._host = host
        self._store = host.context.store
        self._changed = changed
        self._meter = meter
        self._begins_with = self.scaling.bounded(max(begins_with, 1))
        self._replicas: dict[int, Replica] = {}
        self._leaving: dict[Replica, asyncio.Task[None]] = {}
        self._ready: list[Replica] = []
        self._needs: tuple[Need, ...] = ()
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    @property
    def number(self) -> int:
        """Counts from 1 within an app."""
        return self.record.number

    @property
    def ready(self) -> int:
        """The number of replicas that take requests."""
        return len(self._ready)

    @property
    def idle(self) -> bool:
        """True if the revision is scaled to zero."""
        return self.proven and not self._replicas

    @property
    def problem(self) -> str | None:
        """The problem; None while it serves, starts, or waits for a request."""
        if self.proven and self._ready:
            return None
        return next((r.problem for r in self._replicas.values() if r.problem is not None), None)

    @property
    def promising(self) -> bool:
        """True if it is worth waiting for: it starts, or it was healthy and is being restarted."""
        crashes = min((replica.crashes for replica in self._replicas.values()), default=0)
        return self.problem is None or (self.proven and crashes < _CRASH_LOOP)

    def pick(self) -> Replica | None:
        """Return the ready replica with the fewest requests, in turn among equals. None if no replica is ready."""
        if not self._ready:
            return None
        chosen = min(self._ready, key=lambda replica: replica.in_flight)
        self._ready.remove(chosen)
        self._ready.append(chosen)
        return chosen

    def wake(self) -> None:
        """Look at the load now: a request waits for a replica."""
        self._wake.set()

    def run(self) -> None:
        """Take over the processes that a former server left, or start new ones."""
        if self._task is None:
            self._task = asyncio.create_task(self._run(), name=f"{self.key} revision {self.number}")

    async def stop(self, drain: float = 0.0, grace: float = GRACE_SECONDS) -> None:
        """End every replica; requests on their way are waited for, up to `drain` seconds."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
            self._task = None
        for replica in list(self._replicas.values()):
            self._remove(replica, drain, grace)
        self.hasten(drain)
        await asyncio.gather(*self._leaving.values())
        await self._end_recorded()

    def forget(self) -> None:
        """Delete the record that the revision is idle."""
        self._store.delete(_IDLE_KIND, self._store_key)

    def hasten(self, drain: float = 0.0) -> None:
        """Give replicas that are leaving no more than that many seconds."""
        for replica in self._leaving:
            replica.hasten(drain)

    @property
    def _store_key(self) -> str:
        return f"{self.key}#{self.number}"

    def _processes(self) -> list[str]:
        """Return the keys of the records of its processes: that of the revision, and the number of a replica."""
        return [name for name, _ in self._store.list(PROCESS_KIND, f"{self._store_key}-")]

    async def _end_recorded(self) -> None:
        for name in self._processes():
            await end_recorded(self._store, name)

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        idle = self._store.get(_IDLE_KIND, self._store_key) is not None
        if idle:
            # The former server was killed while the last replica left.
            await self._end_recorded()
        recorded = [int(name.rpartition("-")[2]) for name in self._processes()]
        self._begins_with = max(self._begins_with, len(recorded))
        if idle:
            self.proven = True
            self._changed(self)
        else:
            self._remember(self._begins_with)
        for number in recorded:
            self._add(number)
        reading = self._meter.read(loop.time())
        tick = min(_LONGEST_TICK, max(_SHORTEST_TICK, self.scaling.window / _TICKS_IN_A_WINDOW))
        while True:
            after = self._meter.read(loop.time())
            load = load_between(reading, after)
            if after.at - reading.at >= tick:
                self._remember(needed(self.scaling, load))
                reading = after
            elif load.busy and not self._replicas:
                # The time is too short to measure a load, but a request waits.
                self._remember(1)
            try:
                least = 0 if self.proven else self._begins_with
                self._resize(max(least, wanted(self.scaling, self._needs, after.at)))
            except Exception:
                # Any error, such as a full disk, must not end the loop: the app would be left alone.
                _log.exception("scaling %s revision %s failed", self.key, self.number)
            resting = self.scaling.fixed or (self.idle and not self._meter.under_way)
            # Not wait_for: up to Python 3.11 it swallows a cancellation that comes together with the event.
            timer = None if resting else loop.call_later(tick, self._wake.set)
            try:
                await self._wake.wait()
            finally:
                if timer is not None:
                    timer.cancel()
            self._wake.clear()

    def _remember(self, replicas: int) -> None:
        need = Need(asyncio.get_running_loop().time(), replicas)
        self._needs = remember(self._needs, need, self.scaling.window)

    def _resize(self, replicas: int) -> None:
        """Start or end replicas until there are that many."""
        before = len(self._replicas)
        if not self._ready:
            # An unhealthy revision is neither multiplied nor scaled to zero, which would hide the problem.
            replicas = min(1, max(replicas, before)) if before < 2 else before
        if self.fixed_port:
            replicas = min(replicas, 1 if before or not self._leaving else 0)
        if replicas > before:
            used_numbers = {*self._replicas, *(replica.number for replica in self._leaving)}
            free = (number for number in range(1, replicas + len(used_numbers) + 1) if number not in used_numbers)
            for number, _ in zip(free, range(replicas - before), strict=False):
                self._add(number)
        elif replicas < before:
            for replica in least_missed(self._replicas.values(), before - replicas):
                self._remove(replica, replica.request_timeout)
        if replicas == before:
            return
        if self.proven:
            why = "" if replicas > before else f" after {self.scaling.window:g} s without need"
            self._host.events.record(self.key, self.number, "scaled", f"from {before} to {replicas}{why}")
        if replicas == 0:
            self._store.put(_IDLE_KIND, self._store_key, b"")
        elif before == 0:
            self.forget()
        self._changed(self)

    def _add(self, number: int) -> None:
        replica = Replica(self._host, self.key, self.record, number, self._on_change, self.proven)
        self._replicas[number] = replica
        replica.run()

    def _remove(self, replica: Replica, drain: float, grace: float = GRACE_SECONDS) -> None:
        """Take a replica out of the rotation. It ends when its requests have ended, or after `drain` seconds."""
        del self._replicas[replica.number]
        if replica in self._ready:
            self._ready.remove(replica)
        self._leaving[replica] = asyncio.create_task(self._leave(replica, drain, grace))

    async def _leave(self, replica: Replica, drain: float, grace: float) -> None:
        try:
            await replica.stop(drain, grace)
        except Exception:
            # This task is not awaited. Processes that the replica has left are found by their mark.
            _log.exception("a replica of %s could not be ended", self.key)
        finally:
            del self._leaving[replica]
            self._wake.set()

    def _on_change(self, replica: Replica) -> None:
        if self._replicas.get(replica.number) is not replica:
            return
        if replica.ready_port is not None:
            if replica not in self._ready:
                self._ready.append(replica)
            self.fixed_port = self.fixed_port or replica.fixed_port
            enough = 1 if self.fixed_port else self._begins_with
            if not self.proven and len(self._ready) >= enough:
                self.proven = True
                self._remember(self._begins_with)
        elif replica in self._ready:
            self._ready.remove(replica)
        self._wake.set()
        self._changed(self)


def least_missed(replicas: Iterable[Replica], count: int) -> list[Replica]:
    """Return the replicas to end.

    First come those that are not ready, then those with the fewest requests, then the latest.
    """
    order = sorted(replicas, key=lambda r: (r.ready_port is not None, r.in_flight, -r.number))
    return order[:count]
