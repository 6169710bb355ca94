"""10,000 keyed starts through 10 % 503, 1 % resets and lost answers; SOAK_STARTS chooses another number.

The figures of the last run are in docs/soak.md.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.runtime.tasks.keyed_starts import Faults, one_slot, runs_there, start_from_processes

pytestmark = [pytest.mark.soak, pytest.mark.timeout(7200)]
STARTS = int(os.environ.get("SOAK_STARTS", "10000"))
PROCESSES, COPIES = 2, 2


def test_ten_thousand_keyed_starts_make_no_second_run(tmp_path: Path) -> None:
    keys = STARTS // (PROCESSES * COPIES)
    with one_slot(tmp_path) as port:
        faults = Faults(seed=int(os.environ.get("SOAK_SEED", "1")))
        with faults.before(f"http://127.0.0.1:{port}") as faulty:
            started = start_from_processes(faulty, keys, COPIES, PROCESSES)
        there = runs_there(port)
    again = sum(len(names) - 1 for names in started.names.values())
    print(
        f"\n{started.starts} starts of {keys} keys in {started.seconds:.0f} s: {len(there)} runs, {again} second runs, "
        f"{len(started.failures)} starts failed; {faults.requests} requests, {faults.refused} refused with 503, "
        f"{faults.resets} reset, of these {faults.lost_answers} after they had been done"
    )
    assert again == 0
    assert len(there) == len(set(there)) == len(started.names) == keys
    assert len(started.failures) <= 0.001 * started.starts, started.failures[:5]
