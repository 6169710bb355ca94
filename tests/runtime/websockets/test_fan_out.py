"""The short form of tests/soak/test_websockets.py."""

from __future__ import annotations

import pytest

from tests.runtime.websockets.fan_out import fan_out

pytest.importorskip("uvloop", reason="the clients run on it")


def test_a_hundred_clients_lose_no_message_to_two_who_stall() -> None:
    figures = fan_out(100, stalled=2, messages=600, turns=2)
    assert figures.deliveries == 98 * 600 * 2
    assert figures.grown_mb < 10, figures
