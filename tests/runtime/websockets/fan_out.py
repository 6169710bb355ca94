"""Many clients, some of whom read nothing: a server process and a process of clients, in several turns."""

from __future__ import annotations

import json
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.processes import started
from tests.runtime.conftest import reserved_port

ROOT = Path(__file__).resolve().parents[3]


@dataclass(frozen=True)
class FanOut:
    """The figures of a run. `memory_mb`: the server's memory at the end; `grown_mb`: growth since the first turn."""

    deliveries: int
    seconds: float
    memory_mb: float
    grown_mb: float


def fan_out(clients: int, *, stalled: int, messages: int, turns: int) -> FanOut:
    """Open all clients anew in each turn. Every healthy client checks the number and the order of its messages.

    Fails if a stalled client is not evicted while the others go on, or if a client is left after a turn.
    """
    with serving() as url:
        healthy, memory, seconds = clients - stalled, [], 0.0
        for _ in range(turns):
            command = [sys.executable, "-m", "benchmarks.rooms_load", url, str(healthy), str(stalled), str(messages)]
            done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
            assert done.returncode == 0, done.stderr
            duration, remaining = done.stdout.split()
            assert int(remaining) == healthy, f"{remaining} clients were there at the end, {healthy} of them healthy"
            seconds += float(duration)
            memory.append(settled(url) / 1e6)
        return FanOut(
            healthy * messages * turns, round(seconds, 1), round(memory[-1], 1), round(memory[-1] - memory[0], 1)
        )


@contextmanager
def serving() -> Iterator[str]:
    """Start the benchmarks' server of rooms in a process. Yields its URL."""
    with (
        reserved_port() as port,
        started([sys.executable, "-m", "benchmarks.rooms_server", str(port)], cwd=ROOT) as process,
    ):
        url = f"http://127.0.0.1:{port}"
        until = time.monotonic() + 60
        while True:
            try:
                settled(url)
                break
            except OSError:
                assert process.poll() is None, "the server did not start"
                assert time.monotonic() < until, "the server did not answer"
                time.sleep(0.1)
        yield url


def settled(url: str) -> int:
    """Return the server's memory once everybody has left."""
    until = time.monotonic() + 60
    while True:
        with urllib.request.urlopen(f"{url}/state", timeout=30) as response:
            state = json.load(response)
        if not state["clients"]:
            return int(state["memory"])
        assert time.monotonic() < until, f"{state['clients']} clients never left"
        time.sleep(0.2)
