"""The clients of the WebSocket benchmark, in a separate process: `… rooms_load URL HEALTHY STALLED MESSAGES`.

It prints the seconds until every healthy client has all messages in order, and the number of clients at that time. A
stalled client makes the handshake and reads nothing. The next messages are requested only when all healthy clients have
the last ones, so that no messages can wait in buffers.
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
    """A healthy client. It counts the messages and checks their order."""

    def __init__(self, name: str, host: str, caught_up: asyncio.Queue[None]) -> None:
        self._request = handshake(name, host)
        self._caught_up = caught_up
        self._data = b""
        self._open = False
        self.opened: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.received = 0
        self.expected = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport: asyncio.Transport = transport  # type: ignore[assignment]
        self.transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        self._data += data
        if not self._open:
            head, end, messages = self._data.partition(b"\r\n\r\n")
            if not end:
                return
            if not head.startswith(b"HTTP/1.1 101"):
                self.opened.set_exception(RuntimeError(f"the server answered {head[:60]!r}"))
                return
            self._open, self._data = True, messages
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
            if number != self.received + 1:
                raise RuntimeError(f"message {number} came after {self.received}")
            self.received = number
            at += size
            if self.received == self.expected:
                self._caught_up.put_nowait(None)
        self._data = self._data[at:]

    def connection_lost(self, error: Exception | None) -> None:
        if self.received < self.expected:
            print(f"a healthy client was cut off after {self.received} messages", file=sys.stderr)
            sys.exit(1)

    def ask(self, count: int) -> None:
        """Send `go count`, masked with zeros."""
        text = f"go {count}".encode()
        self.transport.write(bytes([0x81, 0x80 | len(text)]) + bytes(4) + text)


def handshake(name: str, host: str) -> bytes:
    """Return a handshake without extensions, so that messages arrive unchanged."""
    lines = [f"GET /rooms/{name} HTTP/1.1", f"Host: {host}", "Upgrade: websocket", "Connection: Upgrade"]
    lines += ["Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Version: 13"]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def stalled(name: str, host: str, port: int) -> socket.socket:
    """Open a client that reads only its handshake."""
    peer = socket.socket()
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    peer.connect((host, port))
    peer.sendall(handshake(name, host))
    peer.recv(12)
    return peer


async def deliver(url: str, healthy: int, deaf: int, messages: int) -> tuple[float, int]:
    """Return the seconds until every healthy client has all messages, and the number of clients at that time."""
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port or 80
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
    for expected in range(WINDOW, messages + 1, WINDOW):
        for reader in readers:
            reader.expected = expected
        readers[0].ask(WINDOW)
        for _ in readers:
            await asyncio.wait_for(caught_up.get(), 120)
    seconds = time.perf_counter() - started
    connected = await asyncio.to_thread(clients, url)
    for reader in readers:
        reader.transport.close()
    for peer in silent:
        peer.close()
    return seconds, connected


def clients(url: str) -> int:
    """Return the number of clients on the server."""
    with urllib.request.urlopen(f"{url}/state", timeout=60) as response:
        return int(json.load(response)["clients"])


if __name__ == "__main__":
    url_, *counts = sys.argv[1:]
    print(*uvloop.run(deliver(url_, *map(int, counts))))
