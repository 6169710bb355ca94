"""The clients of the WebSocket benchmark, a process of its own:
`python -m benchmarks.rooms_load URL HEALTHY STALLED MESSAGES`.

It prints the seconds until every healthy client has every message, in order, and how many clients are left then. The
stalled ones shake hands and read nothing. A healthy client asks for the next messages when all have the last ones, so
that no side can hide in a buffer.
"""

from __future__ import annotations

import asyncio
import json
import random
import socket
import sys
import time
import urllib.request
from urllib.parse import urlsplit

import uvloop

WINDOW = 50
_HEAD = 4  # bytes of a frame of 126 to 65,535 bytes, unmasked
_LENGTH = 1011


class Reader(asyncio.Protocol):
    """Counts the messages, each of which must be the one after the last."""

    def __init__(self, name: str, host: str, caught_up: asyncio.Queue[None]) -> None:
        self._request = handshake(name, host)
        self._caught_up = caught_up
        self._data = b""
        self._open = False
        self.opened: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.seen = 0
        self.wanted = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport: asyncio.Transport = transport  # type: ignore[assignment]
        self.transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        self._data += data
        if not self._open:
            head, end, rest = self._data.partition(b"\r\n\r\n")
            if not end:
                return
            if not head.startswith(b"HTTP/1.1 101"):
                self.opened.set_exception(RuntimeError(f"the server answered {head[:60]!r}"))
                return
            self._open, self._data = True, rest
            self.opened.set_result(None)
        self._count()

    def _count(self) -> None:
        at, size = 0, _HEAD + _LENGTH
        while len(self._data) >= at + 2:
            if self._data[at] == 0x89:  # a ping
                end = at + 2 + self._data[at + 1]
                if len(self._data) < end:
                    break
                payload = self._data[at + 2 : end]
                self.transport.write(bytes([0x8A, 0x80 | len(payload)]) + bytes(4) + payload)
                at = end
                continue
            if len(self._data) < at + size:
                break
            number = int(self._data[at + _HEAD : at + _HEAD + 10])
            if number != self.seen + 1:
                raise RuntimeError(f"message {number} came after {self.seen}")
            self.seen = number
            at += size
            if self.seen == self.wanted:
                self._caught_up.put_nowait(None)
        self._data = self._data[at:]

    def connection_lost(self, error: Exception | None) -> None:
        if self.seen < self.wanted:
            print(f"a healthy client was cut off after {self.seen} messages", file=sys.stderr)
            sys.exit(1)

    def ask(self, count: int) -> None:
        """Say `go count`, masked with zeros."""
        text = f"go {count}".encode()
        self.transport.write(bytes([0x81, 0x80 | len(text)]) + bytes(4) + text)


def handshake(name: str, host: str) -> bytes:
    """No extensions: what is sent is what arrives."""
    lines = [f"GET /rooms/{name} HTTP/1.1", f"Host: {host}", "Upgrade: websocket", "Connection: Upgrade"]
    lines += ["Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Version: 13"]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def stalled(name: str, host: str, port: int) -> socket.socket:
    """A client that reads its handshake and nothing more."""
    peer = socket.socket()
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    peer.connect((host, port))
    peer.sendall(handshake(name, host))
    peer.recv(12)
    return peer


async def deliver(url: str, healthy: int, deaf: int, messages: int) -> tuple[float, int]:
    """Seconds until every healthy client has them all, and how many clients are there then."""
    at = urlsplit(url)
    host, port = at.hostname or "", at.port or 80
    name, loop = f"r{random.getrandbits(48):x}", asyncio.get_running_loop()
    caught_up: asyncio.Queue[None] = asyncio.Queue()
    readers = []
    for _ in range(healthy):
        _, reader = await loop.create_connection(lambda: Reader(name, host, caught_up), host, port)
        await reader.opened
        readers.append(reader)
    silent = [await asyncio.to_thread(stalled, name, host, port) for _ in range(deaf)]
    await asyncio.sleep(0.2)
    started = time.perf_counter()
    for wanted in range(WINDOW, messages + 1, WINDOW):
        for reader in readers:
            reader.wanted = wanted
        readers[0].ask(WINDOW)
        for _ in readers:
            await asyncio.wait_for(caught_up.get(), 120)
    seconds = time.perf_counter() - started
    left = await asyncio.to_thread(clients, url)
    for reader in readers:
        reader.transport.close()
    for peer in silent:
        peer.close()
    return seconds, left


def clients(url: str) -> int:
    """How many there are on the server."""
    with urllib.request.urlopen(f"{url}/state", timeout=60) as response:
        return int(json.load(response)["clients"])


if __name__ == "__main__":
    url_, *counts = sys.argv[1:]
    print(*uvloop.run(deliver(url_, *map(int, counts))))
