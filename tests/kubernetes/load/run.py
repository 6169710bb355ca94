"""One run: callers and WebSockets on the app while one kind of upheaval repeats."""

from __future__ import annotations

import asyncio
import contextlib
import math
import os
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass

import flyte_runtime as rt
from flyte_runtime.contract import variable_name
from flyte_runtime.errors import CallFailed

from tests.kubernetes.load import shapes, sockets
from tests.kubernetes.load.keep_alive import KeepAliveCaller
from tests.kubernetes.load.running_app import RunningApp
from tests.kubernetes.load.tally import Tally
from tests.kubernetes.load.upheavals import SPREADS_WITHIN, UPHEAVALS, Kind

# Callers with a connection each. One in ten requests takes two seconds, so that some are always under way.
_CALLERS, _SLOW_CALLERS = 20, 4
_SLOW = "/?seconds=2"


@dataclass(frozen=True)
class Result:
    """The result of one run. `wired`: the clients called through `rt.app`."""

    kind: Kind
    shape: shapes.Shape
    replicas: int
    wired: bool
    upheavals: int
    seconds: float
    tally: Tally

    def words(self) -> str:
        """Return one line for people."""
        callers = "rt.app" if self.wired else "keep-alive"
        head = f"{self.shape} {self.kind} x{self.upheavals}, {self.replicas} replica(s), {callers}"
        return f"{head}, {self.seconds:.0f} s: {self.tally.words()}"


async def run(kind: Kind, app: RunningApp, *, requests: int, web_sockets: int, wired: bool) -> Result:
    """Repeat the upheaval at least once, and until there were so many requests."""
    host = f"{shapes.APP}.{app.namespace}.svc.cluster.local"
    address = await asyncio.to_thread(socket.gethostbyname, host)  # names are not what is tested
    await _until_reachable(address)
    tally, ended = Tally(), asyncio.Event()
    started = time.monotonic()
    with _edge(f"http://{address}"):
        if wired:
            callers = [_wired(path, tally, ended) for path in _paths()]
            opened = [sockets.wired(tally, ended.is_set) for _ in range(web_sockets)]
        else:
            age = SPREADS_WITHIN if kind == "scale" else math.inf
            callers = [_keep_alive(KeepAliveCaller(address, 80, tally, age), path, ended) for path in _paths()]
            url = f"ws://{address}/numbers"
            # WebSockets move later, so that some are on the pods that go.
            opened = [sockets.plain(url, tally, ended.is_set, 3 * age) for _ in range(web_sockets)]
        load = [asyncio.create_task(each) for each in (*callers, *opened)]
        await asyncio.sleep(3)
        upheavals = 0
        try:
            while not upheavals or tally.requests < requests:
                await asyncio.to_thread(UPHEAVALS[kind], app)
                upheavals += 1
        finally:
            await asyncio.sleep(2)
            ended.set()
            await asyncio.gather(*load)
            await rt.aclose()
    return Result(kind, app.shape, app.replicas, wired, upheavals, time.monotonic() - started, tally)


async def _until_reachable(address: str) -> None:
    """Wait until this node leads connections to the new Service. Its rollout is complete a second before that."""
    deadline, row = time.monotonic() + 60, 0
    while row < 5:
        assert time.monotonic() < deadline, f"nobody answers at {address}"
        caller = KeepAliveCaller(address, 80, tally := Tally())
        await caller.call()
        caller.close()
        row = 0 if tally.failed else row + 1


def _paths() -> list[str]:
    return ["/"] * _CALLERS + [_SLOW] * _SLOW_CALLERS


async def _keep_alive(caller: KeepAliveCaller, path: str, ended: asyncio.Event) -> None:
    while not ended.is_set():
        await caller.call(path)
    caller.close()


async def _wired(path: str, tally: Tally, ended: asyncio.Event) -> None:
    while not ended.is_set():
        tally.requests += 1
        try:
            status = (await rt.app(shapes.APP).get(path)).status_code
        except CallFailed as error:
            tally.failures[type(error).__name__] += 1
        else:
            if status != 200:
                tally.failures[f"status {status}"] += 1


@contextlib.contextmanager
def _edge(url: str) -> Iterator[None]:
    """Wire `rt.app` by the plain variable."""
    variable = variable_name(shapes.APP)
    os.environ[variable] = url
    try:
        yield
    finally:
        del os.environ[variable]
