"""Measures the load that retries add to an app that refuses half of its requests, and the calls that they save."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import flyte_runtime as rt
from flyte_runtime.apps import handle
from flyte_runtime.testing import wired

from benchmarks.metric import Pair, metric
from benchmarks.server import serving

_CALLS, _WIDTH, _FAILING = 2000, 50, 0.5


async def _storm() -> tuple[int, int]:
    """Make `_CALLS` calls. Return how many requests arrived and how many calls succeeded."""
    handle = rt.app("backend")
    before = int((await handle.get("/received")).text)
    numbers = iter(range(_CALLS))
    succeeded = 0

    async def work() -> None:
        nonlocal succeeded
        for _ in numbers:
            response = await handle.get("/flaky")
            succeeded += response.status_code == 200

    await asyncio.gather(*(work() for _ in range(_WIDTH)))
    return int((await handle.get("/received")).text) - before, succeeded


def _storms(rounds: int) -> Iterator[tuple[int, int]]:
    with serving() as url, wired({"backend": url}):
        for _ in range(rounds):
            handle._handles.clear()  # every round has a fresh budget
            yield asyncio.run(_storm())


@metric("requests sent ÷ wanted, 50 % of them refused with 503", at_most=1.2)
def sent(rounds: int) -> Iterator[Pair]:
    for arrived, _ in _storms(rounds):
        yield Pair(arrived, _CALLS)


@metric("calls that succeed ÷ what so many requests can bring, at 50 % 503", at_least=0.95)
def succeeded(rounds: int) -> Iterator[Pair]:
    for arrived, good in _storms(rounds):
        yield Pair(good, min(_CALLS, arrived * (1 - _FAILING)))
