"""100,000 random requests; SOAK_REQUESTS and SOAK_SEED choose others. Figures of the last run: docs/soak.md."""

from __future__ import annotations

import collections
import os
import random
import time
from pathlib import Path

import psutil
import pytest
from flyte_local import daemon

from tests.local.apps.conftest import running
from tests.local.safety.cases import Cases, mounted, problem
from tests.local.safety.doors import InProcess, OverHttp
from tests.local.safety.upheaval import marked

pytestmark = [pytest.mark.soak, pytest.mark.timeout(7200)]
REQUESTS = int(os.environ.get("SOAK_REQUESTS", "100000"))
SEED = int(os.environ.get("SOAK_SEED", "1"))
# A tenth goes over HTTP to a real process, the rest to the application in this one.
OVER_HTTP = REQUESTS // 10


def shoot(door: InProcess | OverHttp, cases: Cases, count: int) -> collections.Counter[int]:
    statuses: collections.Counter[int] = collections.Counter()
    for number in range(count):
        if number % 10_000 == 9999:
            print(f"{number + 1} of {count}", flush=True)
        case = cases.case()
        answer = door.send(case)
        statuses[answer.status] += 1
        assert problem(case, answer) is None, f"{problem(case, answer)}: {case}\n{answer.body[:600]!r}"
    return statuses


def test_in_process(tmp_path: Path) -> None:
    door = InProcess(tmp_path)
    cases = Cases(random.Random(SEED), mounted(tmp_path))
    begin = time.monotonic()
    shoot(door, cases, 2000)
    before = psutil.Process().memory_info().rss
    statuses = shoot(door, cases, REQUESTS - OVER_HTTP - 2000)
    grown = psutil.Process().memory_info().rss - before
    door.close()
    print(f"\nin process: {REQUESTS - OVER_HTTP} requests in {time.monotonic() - begin:.0f} s, "
          f"memory grew by {grown >> 20} MiB, {dict(sorted(statuses.items()))}")  # fmt: skip
    assert grown < 500 << 20


def test_over_http(tmp_path: Path) -> None:
    with running(tmp_path) as plane:
        door = OverHttp(plane.port)
        cases = Cases(random.Random(SEED + 1), mounted(tmp_path))
        begin = time.monotonic()
        shoot(door, cases, 1000)
        process = psutil.Process(plane.pid)
        before = process.memory_info().rss
        statuses = shoot(door, cases, OVER_HTTP - 1000)
        grown = process.memory_info().rss - before
        print(f"\nover HTTP: {OVER_HTTP} requests in {time.monotonic() - begin:.0f} s, "
              f"memory grew by {grown >> 20} MiB, {dict(sorted(statuses.items()))}")  # fmt: skip
        assert grown < 500 << 20
        assert "Traceback" not in plane.home.server_log.read_text()
        daemon.stop(plane.home, plane.port)
        assert marked(plane) == []
