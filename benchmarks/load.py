"""The load of the proxy benchmarks, in a separate process: `python -m benchmarks.load http|websocket URL URL`.

It prints a JSON list with a figure for each URL: requests per second over many open connections, or the seconds of a
WebSocket round trip. The URLs take turns in blocks. It uses sockets directly, because a client that costs much would
hide the difference.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

import aiohttp
import uvloop

_WIDTH, _REQUESTS, _ECHOES, _BLOCKS = 50, 1500, 400, 6
_MESSAGE = "x" * 64


class _Client(asyncio.Protocol):
    """A client that sends its next request as soon as it has an answer, until the shared count is used up."""

    def __init__(self, request: bytes, remaining: list[int], done: asyncio.Future[None]) -> None:
        self._request, self._remaining, self._done = request, remaining, done
        self._answer = b""
        self._length = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport: asyncio.Transport = transport  # type: ignore[assignment]
        self._ask()

    def data_received(self, data: bytes) -> None:
        self._answer += data
        if not self._length and (end := self._answer.find(b"\r\n\r\n")) >= 0:
            head = self._answer[:end].lower()
            if not head.startswith(b"http/1.1 200"):
                self._end(RuntimeError(f"the app answered {head[:40]!r}"))
                return
            length = next(line for line in head.split(b"\r\n") if line.startswith(b"content-length:"))
            self._length = end + 4 + int(length.partition(b":")[2])
        if self._length and len(self._answer) >= self._length:
            self._answer, self._length = b"", 0
            self._ask()

    def connection_lost(self, exc: Exception | None) -> None:
        self._end(RuntimeError("the server closed the connection"))

    def _ask(self) -> None:
        if self._remaining[0]:
            self._remaining[0] -= 1
            self._transport.write(self._request)
        else:
            self._end(None)

    def _end(self, error: Exception | None) -> None:
        if not self._done.done():
            self._done.set_exception(error) if error else self._done.set_result(None)
            self._transport.close()


async def _per_second(url: str) -> float:
    """Return the requests per second, with `_WIDTH` at a time."""
    parts = urlsplit(url)
    request = (
        f"GET {parts.path or '/'} HTTP/1.1\r\nhost: {parts.netloc}\r\naccept: */*\r\nuser-agent: load\r\n\r\n"
    ).encode()
    loop = asyncio.get_running_loop()
    remaining = [_REQUESTS]
    ends = [loop.create_future() for _ in range(_WIDTH)]
    started = time.perf_counter()
    for end in ends:
        await loop.create_connection(lambda end=end: _Client(request, remaining, end), parts.hostname, parts.port)  # type: ignore[misc]
    await asyncio.gather(*ends)
    return _REQUESTS / (time.perf_counter() - started)


async def _round_trip(url: str) -> float:
    """Return the seconds until a message comes back."""
    async with aiohttp.ClientSession() as session, session.ws_connect(f"{url}/echo") as socket:
        started = time.perf_counter()
        for _ in range(_ECHOES):
            await socket.send_str(_MESSAGE)
            if await socket.receive_str() != _MESSAGE:
                raise RuntimeError("the echo differs")
        return (time.perf_counter() - started) / _ECHOES


_FIGURES: dict[str, Callable[[str], Awaitable[float]]] = {"http": _per_second, "websocket": _round_trip}


async def _main(kind: str, urls: list[str]) -> list[float]:
    figure = _FIGURES[kind]
    sums = [0.0] * len(urls)
    for block in range(-1, _BLOCKS):
        for index, url in enumerate(urls):
            value = await figure(url)
            if block >= 0:  # the first block is for warming up
                sums[index] += value
    return [total / _BLOCKS for total in sums]


if __name__ == "__main__":
    print(json.dumps(uvloop.run(_main(sys.argv[1], sys.argv[2:]))))
