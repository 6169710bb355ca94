"""The short form of tests/soak/test_load.py."""

from __future__ import annotations

from .conftest import World
from .load import burst, deployed, sequence


def test_load_leaves_nothing_behind_and_callers_are_answered_meanwhile(own_world: World) -> None:
    task = deployed(own_world)
    load = burst(own_world, task, 16)
    assert load.calls > 5
    # Callers do not wait for the runs. How long they wait is for the long form, on a machine that does nothing else.
    assert load.p50_ms < 1000 * load.seconds / 10, load
    assert load.memory_mb < 1000, load
    before, after = sequence(own_world, task, 8, settle=2)
    assert after.descriptors <= before.descriptors + 5, (before, after)
    assert after.threads <= before.threads + 5, (before, after)
