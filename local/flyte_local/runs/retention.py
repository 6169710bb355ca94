"""Removes old runs. The newest thousand stay for thirty days, then their records, files and logs are removed.

`FLYTE_LOCAL_KEEP_RUNS` and `FLYTE_LOCAL_KEEP_DAYS` in the server's environment change these numbers. A run that has not
ended stays, and so does a run whose result a younger run took from the cache.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import shutil
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from flyte_local.runs.phases import TERMINAL
from flyte_local.runs.records import Records
from flyte_local.secrets.redaction import run_workload
from flyte_local.secrets.vault import Vault
from flyte_local.state.context import Context
from flyte_local.wire.times import seconds

RUNS_VARIABLE, DAYS_VARIABLE = "FLYTE_LOCAL_KEEP_RUNS", "FLYTE_LOCAL_KEEP_DAYS"
_log = logging.getLogger(__name__)
_PERIOD = 3600.0


@dataclass(frozen=True)
class Limits:
    """`runs` of one server, `age` in seconds since a run's end."""

    runs: int = 1000
    age: float = 30 * 86400.0

    @classmethod
    def of(cls, environ: Mapping[str, str]) -> Limits:
        """Return the limits in an environment. A value that is not a positive number is ignored."""
        runs, days = environ.get(RUNS_VARIABLE, ""), environ.get(DAYS_VARIABLE, "")
        return cls(
            runs=int(runs) if runs.isdecimal() and int(runs) else cls.runs,
            age=int(days) * 86400.0 if days.isdecimal() and int(days) else cls.age,
        )


def expired(ended: Mapping[str, float], used: Mapping[str, Iterable[str]], now: float, limits: Limits) -> list[str]:
    """Return the ended runs to remove, the oldest first.

    `ended` has the time when each run ended, `used` the runs whose results each run took from the cache.
    """
    youngest_first = sorted(ended, key=lambda run: -ended[run])
    going = {run for n, run in enumerate(youngest_first) if n >= limits.runs or now - ended[run] > limits.age}
    # A run that stays keeps the runs whose results it has, and these keep theirs.
    waiting = [run for run in {*ended, *used} if run not in going]
    while waiting:
        for needed in used.get(waiting.pop(), ()):
            if needed in going:
                going.remove(needed)
                waiting.append(needed)
    return [run for run in reversed(youngest_first) if run in going]


class Retention:
    """Removes old runs when the server starts and every hour."""

    def __init__(self, context: Context, records: Records, vault: Vault) -> None:
        self._context = context
        self._records = records
        self._vault = vault
        self._limits = Limits.of(os.environ)
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin. The first removal happens in the background."""
        self._task = asyncio.create_task(self._repeat(), name="retention")

    async def stop(self) -> None:
        """End between two removals."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def sweep(self) -> int:
        """Remove the expired runs. Return their number."""
        live = {action.rpartition("/")[0] for action in self._records.live()}
        # Reading thousands of records takes a while, so it is done in a thread.
        runs = await asyncio.to_thread(self._expired, live)
        for run in runs:
            # The files come first: if the server dies in between, the next sweep finds the record again.
            await asyncio.to_thread(shutil.rmtree, self._records.folder(run), ignore_errors=True)
            self._records.forget(run)
            self._vault.forget(run_workload(run))
        return len(runs)

    async def _repeat(self) -> None:
        while True:
            try:
                if removed := await self.sweep():
                    _log.info("%d runs were kept long enough and are removed", removed)
            except Exception:
                _log.exception("removing old runs failed")
            await asyncio.sleep(_PERIOD)

    def _expired(self, live: set[str]) -> list[str]:
        ended = {
            key: seconds(run.action.status.end_time)
            for key, run in self._records.runs("")
            if run.action.status.phase in TERMINAL and key not in live
        }
        return expired(ended, self._used(), time.time(), self._limits)

    def _used(self) -> dict[str, set[str]]:
        """Return the runs whose outputs each run took from the cache."""
        used: dict[str, set[str]] = {}
        for action, body in self._context.store.list("action-plan"):
            run = action.rpartition("/")[0]
            outputs = Path(json.loads(body).get("outputs", "").removeprefix("file://"))
            with contextlib.suppress(ValueError):
                maker = "/".join(outputs.relative_to(self._context.home.runs).parts[:3])
                if maker != run:
                    used.setdefault(run, set()).add(maker)
        return used
