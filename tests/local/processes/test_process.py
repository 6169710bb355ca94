"""Processes that workloads have left are gone once their end has been awaited."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator

import pytest
from flyte_local.processes.environment import PROCESS_VARIABLE
from flyte_local.processes.process import end_marked, is_alive, marked

# Each of many processes takes a moment to end, as it has memory to give back.
STRAY = "memory = bytearray(30 << 20); print(flush=True); import time; time.sleep(600)"


@pytest.fixture
def strays() -> Iterator[tuple[str, list[int]]]:
    """A token, and the processes of other sessions that have it."""
    token = f"process-test-{os.getpid()}"
    started = [
        subprocess.Popen(
            [sys.executable, "-c", STRAY],
            env={**os.environ, PROCESS_VARIABLE: token},
            start_new_session=True,
            stdout=subprocess.PIPE,
        )
        for _ in range(12)
    ]
    for process in started:
        assert process.stdout is not None
        process.stdout.readline()
    yield token, [process.pid for process in started]
    for process in started:
        with process:
            process.kill()


async def test_no_process_of_a_workload_runs_once_its_end_was_awaited(strays: tuple[str, list[int]]) -> None:
    token, pids = strays
    await end_marked(token)
    assert [pid for pid in pids if is_alive(pid, None)] == []
    assert marked(token) == []
