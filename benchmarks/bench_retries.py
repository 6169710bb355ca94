"""An app that refuses half of its requests: what retries add to its load, and what they bring."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import flyte_runtime as rt
from flyte_runtime.apps import handle
from flyte_runtime.testing import wired

from benchmarks.metric import Pair, metric
from benchmarks.server import serving

_WANTED, _WIDTH, _FAILING = 2000, 50, 0.5


async def _storm() -> tuple[int, int]:
    """Requests that arrived, and calls that succeeded, of `_WANTED`."""
    handle = rt.app("backend")
    before = int((await handle.get("/received")).text)
    left = iter(range(_WANTED))
    succeeded = 0

    async def work() -> None:
        nonlocal succeeded
        for _ in left:
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
        yield Pair(arrived, _WANTED)


@metric("calls that succeed ÷ what so many requests can bring, at 50 % 503", at_least=0.95)
def succeeded(rounds: int) -> Iterator[Pair]:
    for arrived, good in _storms(rounds):
        yield Pair(good, min(_WANTED, arrived * (1 - _FAILING)))
