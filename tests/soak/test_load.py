"""200 runs at once and 1,000 one after another; SOAK_BURST and SOAK_RUNS choose others. Last results: docs/soak.md."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.local.tasks.conftest import World, _world
from tests.local.tasks.load import Resources, burst, deployed, idle, sequence

pytestmark = [pytest.mark.soak, pytest.mark.timeout(7200)]


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    yield from _world(tmp_path)


def test_runs_started_at_once_all_end_and_callers_wait_under_200_ms(world: World) -> None:
    figures = burst(world, deployed(world), int(os.environ.get("SOAK_BURST", "200")))
    print(f"\n{figures}")
    # On a machine that is busy with something else, callers of an idle server wait longer, too.
    assert figures.p99_ms < max(200, 3 * idle(world, 15)), figures
    assert figures.memory_mb < 1500, figures


def test_runs_one_after_another_leave_nothing_behind(world: World) -> None:
    count = int(os.environ.get("SOAK_RUNS", "1000"))
    begin = time.monotonic()
    before, after = sequence(world, deployed(world), count, settle=50)
    print(f"\n{count} runs in {time.monotonic() - begin:.0f} s: {before} → {after}")
    growth = Resources(
        after.memory_mb - before.memory_mb, after.descriptors - before.descriptors, after.threads - before.threads
    )
    assert growth.memory_mb < 20 + 0.02 * count, growth
    assert growth.descriptors <= 5, growth
    assert growth.threads <= 5, growth
