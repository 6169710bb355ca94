"""The short form of tests/soak/test_load.py."""

from __future__ import annotations

from .conftest import World
from .load import burst, deployed, sequence


def test_load_leaves_nothing_behind_and_callers_are_answered_meanwhile(own_world: World) -> None:
    task = deployed(own_world)
    found = burst(own_world, task, 16)
    assert found.calls > 5
    assert found.p50_ms < 1000, found  # The bound proper is the long form's: this machine may do many other things.
    assert found.memory_mb < 1000, found
    before, after = sequence(own_world, task, 8, settle=2)
    assert after.descriptors <= before.descriptors + 5, (before, after)
    assert after.threads <= before.threads + 5, (before, after)
