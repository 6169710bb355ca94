"""Compares a wired call with hand-written calls: one after another, and fifty at once."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator

import aiohttp
import flyte_runtime as rt
import httpx
from flyte_runtime.testing import wired

from benchmarks.metric import Pair, metric
from benchmarks.server import serving

Call = Callable[[], Awaitable[object]]
# The two sides take turns in small blocks of calls, so that other work of the machine slows both down equally.
_BLOCKS, _CALLS = 12, 40


async def _seconds(call: Call, count: int) -> float:
    started = time.perf_counter()
    for _ in range(count):
        await call()
    return time.perf_counter() - started


async def _one_by_one(ours: Call, baseline: Call, baseline_share: int = 1) -> Pair:
    """Measure the seconds of one call. `baseline_share` divides the number of calls of a slow baseline."""
    our_seconds = baseline_seconds = 0.0
    for _ in range(_BLOCKS):
        our_seconds += await _seconds(ours, _CALLS)
        baseline_seconds += await _seconds(baseline, max(1, _CALLS // baseline_share))
    return Pair(our_seconds / _CALLS, baseline_seconds / max(1, _CALLS // baseline_share))


async def _per_second(call: Call, count: int, width: int = 50) -> float:
    numbers = iter(range(count))

    async def work() -> None:
        for _ in numbers:
            await call()

    started = time.perf_counter()
    await asyncio.gather(*(work() for _ in range(width)))
    return count / (time.perf_counter() - started)


def _compare(open_baseline: Callable[[str], tuple[Call, Call]], rounds: int, baseline_share: int = 1) -> Iterator[Pair]:
    """Measure the rounds in one event loop. `open_baseline` returns its call and a function that closes it."""
    with serving() as url, wired({"backend": url}):
        loop = asyncio.new_event_loop()
        baseline, close = loop.run_until_complete(_opened(open_baseline, url))
        loop.run_until_complete(_one_by_one(_wired, baseline, baseline_share))  # opens the connections of both sides
        for _ in range(rounds):
            yield loop.run_until_complete(_one_by_one(_wired, baseline, baseline_share))
        loop.run_until_complete(_closed(close))
        loop.close()


async def _opened(open_baseline: Callable[[str], tuple[Call, Call]], url: str) -> tuple[Call, Call]:
    return open_baseline(url)


async def _closed(close: Call) -> None:
    await close()
    await rt.aclose()


async def _wired() -> object:
    return (await rt.app("backend").get("/")).json()


def _httpx_pooled(url: str) -> tuple[Call, Call]:
    client = httpx.AsyncClient(base_url=url)

    async def call() -> object:
        return (await client.get("/")).json()

    return call, client.aclose


def _httpx_on_the_same_transport(url: str) -> tuple[Call, Call]:
    from flyte_runtime.apps.aiohttp_transport import AiohttpTransport

    client = httpx.AsyncClient(base_url=url, transport=AiohttpTransport())

    async def call() -> object:
        return (await client.get("/")).json()

    return call, client.aclose


def _httpx_new_client_per_call(url: str) -> tuple[Call, Call]:
    async def call() -> object:
        async with httpx.AsyncClient() as client:
            return (await client.get(f"{url}/")).json()

    async def close() -> None:
        pass

    return call, close


def _aiohttp_pooled(url: str) -> tuple[Call, Call]:
    session = aiohttp.ClientSession(url)

    async def call() -> object:
        async with session.get("/") as response:
            return await response.json()

    return call, session.close


@metric("wired call ÷ pooled httpx.AsyncClient", at_most=1.15)
def pooled(rounds: int) -> Iterator[Pair]:
    yield from _compare(_httpx_pooled, rounds)


@metric("wired call ÷ httpx.AsyncClient on the same transport", at_most=1.15)
def same_transport(rounds: int) -> Iterator[Pair]:
    yield from _compare(_httpx_on_the_same_transport, rounds)


@metric("wired call ÷ a new httpx.AsyncClient for each call", at_most=1 / 20)
def new_client(rounds: int) -> Iterator[Pair]:
    yield from _compare(_httpx_new_client_per_call, rounds, baseline_share=20)


@metric("wired call ÷ bare aiohttp.ClientSession (for comparison)")
def bare_aiohttp(rounds: int) -> Iterator[Pair]:
    yield from _compare(_aiohttp_pooled, rounds)


def _fifty(open_baseline: Callable[[str], tuple[Call, Call]], rounds: int, baseline_count: int) -> Iterator[Pair]:
    with serving() as url, wired({"backend": url}):
        loop = asyncio.new_event_loop()
        baseline, close = loop.run_until_complete(_opened(open_baseline, url))
        for round_ in range(rounds + 1):
            pair = Pair(
                loop.run_until_complete(_per_second(_wired, 2000)),
                loop.run_until_complete(_per_second(baseline, baseline_count)),
            )
            if round_:  # the first opens the connections
                yield pair
        loop.run_until_complete(_closed(close))
        loop.close()


@metric("50 calls at once, per second ÷ httpx.AsyncClient", at_least=5)
def fifty_httpx(rounds: int) -> Iterator[Pair]:
    yield from _fifty(_httpx_pooled, rounds, 500)


@metric("50 calls at once, per second ÷ bare aiohttp.ClientSession (for comparison)")
def fifty_aiohttp(rounds: int) -> Iterator[Pair]:
    yield from _fifty(_aiohttp_pooled, rounds, 2000)
