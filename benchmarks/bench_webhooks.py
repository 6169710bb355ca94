"""Measures the cost of a webhook's checks, on a real server in another process (benchmarks/webhook_server.py)."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
import uuid
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from hmac import digest
from statistics import median

from benchmarks.metric import Pair, metric
from benchmarks.server import unused_port
from benchmarks.webhook_server import KEY, STANDARD_KEY

Sign = Callable[[bytes], dict[str, str]]
_REQUESTS = 500


@dataclass(frozen=True)
class Side:
    path: str
    sign: Sign
    status: bytes = b"200"


class Connection:
    """A connection that is kept open. It uses a socket, since an HTTP client would cost more than the server."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def ask(self, request: bytes, status: bytes = b"200") -> None:
        self._socket.sendall(request)
        answer = b""
        while b"\r\n\r\n" not in answer:
            answer += self._socket.recv(65536)
        head, _, body = answer.partition(b"\r\n\r\n")
        if head[9:12] != status:
            raise RuntimeError(f"expected {status.decode()}: {answer[:200]!r}")
        length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n")[0])
        while len(body) < length:
            body += self._socket.recv(65536)

    def close(self) -> None:
        self._socket.close()


def _github(body: bytes) -> dict[str, str]:
    signature = digest(KEY.encode(), body, "sha256").hex()
    return {
        "X-GitHub-Event": "push",
        "X-GitHub-Delivery": str(uuid.uuid4()),
        "X-Hub-Signature-256": f"sha256={signature}",
    }


def _standard(body: bytes) -> dict[str, str]:
    identity, now = f"msg_{uuid.uuid4().hex}", str(int(time.time()))
    content = f"{identity}.{now}.".encode() + body
    signature = b64encode(digest(b64decode(STANDARD_KEY.removeprefix("whsec_")), content, "sha256")).decode()
    return {"webhook-id": identity, "webhook-timestamp": now, "webhook-signature": f"v1,{signature}"}


def _forged(body: bytes) -> dict[str, str]:
    return {**_github(body), "X-Hub-Signature-256": f"sha256={sha256(body).hexdigest()}"}


def _request(path: str, body: bytes, sign: Sign) -> bytes:
    headers = {"Host": "x", "Content-Type": "application/json", "Content-Length": str(len(body)), **sign(body)}
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"POST {path} HTTP/1.1\r\n{lines}\r\n".encode() + body


_number = 0


def _body(size: int) -> bytes:
    global _number
    _number += 1
    return json.dumps({"number": _number, "text": "x" * (size - 40)}).encode()


@contextmanager
def serving() -> Iterator[Connection]:
    port = unused_port()
    process = subprocess.Popen([sys.executable, "-m", "benchmarks.webhook_server", str(port)])
    try:
        until = time.monotonic() + 30
        while True:
            try:
                connection = Connection(port)
                break
            except OSError:
                if process.poll() is not None or time.monotonic() > until:
                    raise
                time.sleep(0.05)
        yield connection
        connection.close()
    finally:
        process.terminate()
        process.wait()


def _seconds(connection: Connection, side: Side, size: int) -> float:
    request = _request(side.path, _body(size), side.sign)
    started = time.perf_counter()
    connection.ask(request, side.status)
    return time.perf_counter() - started


def _compare(ours: Side, baseline: Side, size: int, rounds: int) -> Iterator[Pair]:
    """Measure the median of each side. They take turns, so that other work of the machine slows both down equally."""
    with serving() as connection:
        for round_ in range(rounds + 1):
            our_times: list[float] = []
            baseline_times: list[float] = []
            sides = [(ours, our_times), (baseline, baseline_times)]
            for _ in range(_REQUESTS):
                for side, times in sides:
                    times.append(_seconds(connection, side, size))
                sides.reverse()  # otherwise the after-effects of the first side would always slow down the second
            if round_:  # the first round is for warming up
                yield Pair(median(our_times), median(baseline_times))


@metric("webhook with GitHub's verification ÷ with it off, 1 kB", at_most=1.10)
def github_small(rounds: int) -> Iterator[Pair]:
    yield from _compare(Side("/github", _github), Side("/github-off", _github), 1_000, rounds)


@metric("webhook with GitHub's verification ÷ with it off, 20 kB", at_most=1.10)
def github_large(rounds: int) -> Iterator[Pair]:
    yield from _compare(Side("/github", _github), Side("/github-off", _github), 20_000, rounds)


@metric("webhook with Standard Webhooks' verification ÷ with it off, 1 kB", at_most=1.10)
def standard_small(rounds: int) -> Iterator[Pair]:
    yield from _compare(Side("/standard", _standard), Side("/standard-off", _standard), 1_000, rounds)


@metric("webhook with Standard Webhooks' verification ÷ with it off, 20 kB", at_most=1.10)
def standard_large(rounds: int) -> Iterator[Pair]:
    yield from _compare(Side("/standard", _standard), Side("/standard-off", _standard), 20_000, rounds)


@metric("webhook that refuses a forged delivery ÷ one that accepts, 1 kB", at_most=1.1)
def refusing(rounds: int) -> Iterator[Pair]:
    yield from _compare(Side("/github", _forged, b"401"), Side("/github", _github), 1_000, rounds)


@metric("webhook with everything ÷ a hand-written HMAC check and no more, 1 kB (for comparison)")
def compared_by_hand(rounds: int) -> Iterator[Pair]:
    yield from _compare(Side("/github", _github), Side("/by-hand", _github), 1_000, rounds)


@metric("webhook with everything ÷ a route that checks nothing, 1 kB (for comparison)")
def compared_with_nothing(rounds: int) -> Iterator[Pair]:
    yield from _compare(Side("/github", _github), Side("/plain", _github), 1_000, rounds)
