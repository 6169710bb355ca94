"""Limits the number of actions that run at once.

A parent that waits for children holds no slot, so nesting cannot lock up.
"""

from __future__ import annotations

import asyncio
import os
from dataclasses import dataclass

CONCURRENCY_VARIABLE = "FLYTE_LOCAL_CONCURRENCY"


def default_limit() -> int:
    """Return `FLYTE_LOCAL_CONCURRENCY`, or twice the number of processors, at least four."""
    configured = os.environ.get(CONCURRENCY_VARIABLE, "")
    return max(1, int(configured)) if configured.isdigit() else max(4, 2 * (os.cpu_count() or 1))


@dataclass
class _Waiter:
    key: str
    run: str
    run_limit: int
    admitted: asyncio.Future[None]


class Slots:
    """Admits actions in the order they came, a run's `max_action_concurrency` and the server's limit permitting."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._holders: dict[str, str] = {}
        self._children: dict[str, int] = {}
        self._waiting: list[_Waiter] = []

    def expect(self, parent: str) -> None:
        """Note that a child of `parent` was accepted. The parent is now taken to wait for it."""
        self._children[parent] = self._children.get(parent, 0) + 1
        self._admit()

    def ended(self, parent: str) -> None:
        """Note that a child of `parent` has ended."""
        left = self._children.get(parent, 0) - 1
        if left > 0:
            self._children[parent] = left
        else:
            self._children.pop(parent, None)

    async def take(self, key: str, run: str, run_limit: int = 0) -> None:
        """Wait for a slot. `run_limit` 0 means that the run has no limit of its own."""
        waiter = _Waiter(key, run, run_limit, asyncio.get_running_loop().create_future())
        self._waiting.append(waiter)
        self._admit()
        try:
            await waiter.admitted
        except asyncio.CancelledError:
            if waiter in self._waiting:
                self._waiting.remove(waiter)
            self.give_back(key)
            raise

    def hold(self, key: str, run: str) -> None:
        """Take a slot for an action that runs already (an adopted process), over the limit if need be."""
        self._holders[key] = run

    def give_back(self, key: str) -> None:
        """Free a slot, if the action holds one."""
        self._holders.pop(key, None)
        self._admit()

    def busy(self, run: str | None = None) -> int:
        """Return the number of slots in use, by one run or altogether."""
        return sum(
            1
            for key, holder_run in self._holders.items()
            if key not in self._children and (run is None or holder_run == run)
        )

    def _admit(self) -> None:
        for waiter in list(self._waiting):
            if self.busy() >= self._limit:
                return
            if waiter.run_limit and self.busy(waiter.run) >= waiter.run_limit:
                continue
            self._waiting.remove(waiter)
            if not waiter.admitted.done():
                self._holders[waiter.key] = waiter.run
                waiter.admitted.set_result(None)
