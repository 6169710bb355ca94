"""The event log of apps."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest
from flyte_local.apps.events import AppEvents
from flyte_local.state.store import Store
from flyte_local.wire.app_key import AppKey

from .conftest import DOMAIN, PROJECT


def test_events_stay_in_their_order_if_the_clock_is_set_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    moments = iter([3000.0, 1000.0, 2000.0])
    clock = SimpleNamespace(time=moments.__next__, time_ns=lambda: 3_000_000_000_000)
    monkeypatch.setattr("flyte_local.apps.events.time", clock)
    store = Store(tmp_path / "db")
    events = AppEvents(store)
    for name, event in (("b", "starting"), ("a", "starting"), ("b", "healthy")):
        events.record(AppKey(PROJECT, DOMAIN, name), 1, event)  # type: ignore[arg-type]
    assert [(entry.app[-1], entry.event) for entry in events.list()] == [
        ("b", "starting"),
        ("a", "starting"),
        ("b", "healthy"),
    ]
    assert [entry.event for entry in events.list(app="b")] == ["starting", "healthy"]
    store.close()
