"""One key, one run: with 10 % 503, 1 % resets, lost answers, and the same key several times at once.

The long form, 10,000 starts, is tests/soak/test_keyed_starts.py.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.runtime.tasks.keyed_starts import Faults, one_slot, runs_there, start_from_processes

pytest.importorskip("flyte_local.daemon", reason="needs the local control plane")
pytestmark = [pytest.mark.xdist_group("runtime-tasks"), pytest.mark.timeout(900)]


def test_one_key_is_one_run_whatever_the_network_does(tmp_path: Path) -> None:
    with one_slot(tmp_path) as port:
        faults = Faults(seed=3)
        with faults.before(f"http://127.0.0.1:{port}") as faulty:
            started = start_from_processes(faulty, keys=40, copies=2)
        assert started.failures == []
        assert len(started.names) == 40
        assert {key: names for key, names in started.names.items() if len(names) != 1} == {}
        assert sorted(runs_there(port)) == sorted(name for names in started.names.values() for name in names)
        assert faults.refused
        assert faults.lost_answers
