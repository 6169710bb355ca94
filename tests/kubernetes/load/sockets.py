"""WebSockets that are closed and opened again, and whose numbers must have no gap."""

from __future__ import annotations

import asyncio
import json
import math
import random
import time
from collections.abc import Callable

import flyte_runtime as rt
from flyte_runtime.errors import CallFailed, SocketClosed
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake

from tests.kubernetes.load.tally import Tally

# Seconds. The pause before an attempt to open is as long as the first one of `rt.app`.
_PAUSE, _AFTER_FAILURE, _PATIENCE = 0.5, 0.5, 30


async def plain(url: str, tally: Tally, ended: Callable[[], bool], age: float = math.inf) -> None:
    """A client that counts each close by its code, and each attempt to open that fails.

    It closes a connection itself after `age` seconds at most.
    """
    last = 0
    while not ended():
        try:
            async with connect(url, proxy=None, open_timeout=_PATIENCE) as socket:
                until = time.monotonic() + age * random.uniform(0.5, 1)
                await socket.send(json.dumps({"after": last}))
                async for message in socket:
                    last = _count(int(message), last, tally)
                    if ended():
                        return
                    if time.monotonic() > until:
                        break
                else:
                    tally.closes[str(socket.close_code)] += 1
        except ConnectionClosed as closed:
            tally.closes[str(closed.rcvd.code) if closed.rcvd is not None else "lost"] += 1
        except (OSError, InvalidHandshake) as error:  # TimeoutError is an OSError
            tally.socket_failures[type(error).__name__] += 1
            await asyncio.sleep(_AFTER_FAILURE)
        await asyncio.sleep(random.uniform(0, _PAUSE))


async def wired(tally: Tally, ended: Callable[[], bool]) -> None:
    """A client with `rt.app`, which sees no close that another connection makes good."""
    last = 0
    try:
        async with rt.app("backend").websocket("/numbers", resume=lambda: {"after": last}) as socket:
            await socket.send({"after": 0})
            async for message in socket:
                last = _count(int(message), last, tally)
                if ended():
                    return
    except (CallFailed, SocketClosed) as error:
        tally.socket_failures[type(error).__name__] += 1


def _count(number: int, last: int, tally: Tally) -> int:
    tally.numbers += 1
    tally.gaps += number != last + 1
    return number
