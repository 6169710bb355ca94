"""1,000 clients of whom 1 % read nothing (SOAK_CLIENTS, SOAK_MESSAGES, SOAK_TURNS). Last results: docs/soak.md."""

from __future__ import annotations

import os

import pytest

from tests.runtime.websockets.fan_out import fan_out

pytestmark = [pytest.mark.soak, pytest.mark.timeout(7200)]


def test_a_thousand_clients_lose_no_message_to_those_who_stall() -> None:
    clients, messages = int(os.environ.get("SOAK_CLIENTS", "1000")), int(os.environ.get("SOAK_MESSAGES", "2000"))
    turns = int(os.environ.get("SOAK_TURNS", "4"))
    figures = fan_out(clients, stalled=max(1, clients // 100), messages=messages, turns=turns)
    print(f"\n{figures}")
    assert figures.grown_mb < 10, figures
