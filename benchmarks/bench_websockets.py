"""Compares a room with some clients that do not read with a room whose clients all read."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

from benchmarks.metric import Pair, metric
from benchmarks.server import serving

_CLIENTS, _STALLED, _MESSAGES = 100, 1, 600


@metric("WebSocket fan-out with 1 % stalled readers, deliveries per second ÷ with none", at_least=0.8)
def stalled_readers(rounds: int) -> Iterator[Pair]:
    """Measure the deliveries to healthy clients. Both sides have as many of them, and take turns to go first."""
    with serving("benchmarks.rooms_server", "/state") as url:
        _per_second(url, 0)
        for round_ in range(rounds):
            if round_ % 2:
                clean, disturbed = _per_second(url, 0), _per_second(url, _STALLED)
            else:
                disturbed, clean = _per_second(url, _STALLED), _per_second(url, 0)
            yield Pair(disturbed, clean)


def _per_second(url: str, stalled: int) -> float:
    healthy = _CLIENTS - _STALLED
    command = [sys.executable, "-m", "benchmarks.rooms_load", url, str(healthy), str(stalled), str(_MESSAGES)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr[-300:])
    return healthy * _MESSAGES / float(done.stdout.split()[0])
