"""The server may die at any moment, and no acknowledged change is lost. The long form is a soak."""

from __future__ import annotations

from pathlib import Path

import pytest
from flyte_local import daemon

from tests.local.apps.conftest import running

from .upheaval import STEPS, marked, upheaval

pytestmark = pytest.mark.timeout(240)


def test_three_deaths_under_load_lose_nothing(tmp_path: Path) -> None:
    with running(tmp_path) as plane:
        counts = upheaval(plane, kills=3, seed=1)
        assert counts["acknowledged"] >= 3 * STEPS
        plane.close_clients()
        assert daemon.stop(plane.home, plane.port)
        assert marked(plane) == []
