"""Measures the time that importing the runtime library adds to the start of a container."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

from benchmarks.metric import Pair, metric

_TIMED = "import time; started = time.perf_counter()\n{}\nprint(time.perf_counter() - started)"


def _import_seconds(code: str) -> float:
    """Return the seconds of an import in a fresh process, without the start of the interpreter."""
    command = [sys.executable, "-c", _TIMED.format(code)]
    variables = {"PATH": "/usr/bin:/bin", "BACKEND": "http://127.0.0.1:1"}
    return float(subprocess.run(command, capture_output=True, text=True, check=True, env=variables).stdout)


def _compare_with_httpx(code: str, rounds: int) -> Iterator[Pair]:
    _import_seconds(code), _import_seconds("import httpx")  # compiles both to bytecode
    for _ in range(rounds):
        yield Pair(_import_seconds(code), _import_seconds("import httpx"))


@metric("import flyte_runtime ÷ import httpx", at_most=0.5)
def bare(rounds: int) -> Iterator[Pair]:
    yield from _compare_with_httpx("import flyte_runtime", rounds)


@metric("import flyte_runtime and first rt.app(…).url ÷ import httpx", at_most=1.3)
def first_app(rounds: int) -> Iterator[Pair]:
    yield from _compare_with_httpx("import flyte_runtime as rt; rt.app('backend').url", rounds)
