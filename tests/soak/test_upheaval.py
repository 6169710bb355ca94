"""Twenty deaths of the server under load. The figures of the last run are in docs/soak.md."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
from flyte_local import daemon

from tests.local.apps.conftest import running
from tests.local.safety.upheaval import marked, upheaval

pytestmark = [pytest.mark.soak, pytest.mark.timeout(1800)]


def test_twenty_deaths_under_load_lose_nothing(tmp_path: Path) -> None:
    with running(tmp_path) as plane:
        begin = time.monotonic()
        kills, seed = int(os.environ.get("SOAK_KILLS", "20")), int(os.environ.get("SOAK_SEED", "1"))
        figures = upheaval(plane, kills, seed)
        plane.close_clients()
        assert daemon.stop(plane.home, plane.port)
        assert marked(plane) == []
        print(f"\n{figures} in {time.monotonic() - begin:.0f} s")
