"""100,000 damaged deliveries for each scheme, and as many by Atheris; WEBHOOK_DELIVERIES and SOAK_SEED choose others.

The figures of the last run are in docs/soak.md.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest
from flyte_runtime.webhooks import Accepted, verify
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.runtime.webhooks.campaign import Campaign, scheme_of
from tests.runtime.webhooks.conftest import quiet_audit
from tests.runtime.webhooks.mutations import SCHEMES, damaged, genuine, sent_by

__all__ = ["quiet_audit"]
pytestmark = [pytest.mark.soak, pytest.mark.timeout(7200)]
DELIVERIES = int(os.environ.get("WEBHOOK_DELIVERIES", "100000"))
SEED = int(os.environ.get("SOAK_SEED", "1"))
NOW = 1_700_000_000.0


@pytest.mark.usefixtures("quiet_audit")
@pytest.mark.parametrize("scheme", SCHEMES)
async def test_damaged_deliveries(scheme: str, tmp_path: Path) -> None:
    begin = time.monotonic()
    campaign = Campaign(scheme, tmp_path, SEED)
    await campaign.run(DELIVERIES)
    campaign.replays.close()
    statuses = dict(sorted(campaign.statuses.items()))
    print(f"\n{scheme}: {campaign.forged} forged and {campaign.replayed} replayed deliveries"
          f" in {time.monotonic() - begin:.0f} s, {statuses}")  # fmt: skip


@pytest.mark.parametrize("scheme", SCHEMES)
def test_damaged_deliveries_of_hypothesis(scheme: str) -> None:
    accepted = 0

    @settings(max_examples=DELIVERIES // 10, database=None, suppress_health_check=list(HealthCheck))
    @given(draw=st.randoms(use_true_random=False), body=st.binary(max_size=200))
    def run(draw: random.Random, body: bytes) -> None:
        nonlocal accepted
        sent = damaged(scheme, sent_by(scheme, body, NOW, "delivery"), NOW, draw)
        if isinstance(verify(scheme_of(scheme), sent.headers, sent.body, NOW), Accepted):
            accepted += 1
            assert genuine(scheme, sent, NOW)

    run()
    print(f"\n{scheme}: {DELIVERIES // 10} by hypothesis; {accepted} of them genuine, only these accepted")


@pytest.mark.parametrize("scheme", SCHEMES)
def test_what_atheris_makes(scheme: str, tmp_path: Path) -> None:
    pytest.importorskip("atheris", reason="uv sync --group soak")
    command = [sys.executable, "-m", "tests.soak.webhook_fuzz", scheme, str(DELIVERIES), str(tmp_path / "replays")]
    begin = time.monotonic()
    environment = {**os.environ, "PYTHONPATH": os.getcwd()}
    done = subprocess.run(
        [*command, f"-seed={SEED}", f"-artifact_prefix={tmp_path}/"],
        capture_output=True,
        text=True,
        env=environment,
        check=False,
    )
    assert done.returncode == 0, (done.stdout + done.stderr)[-3000:]
    print(f"\n{done.stdout.splitlines()[-1]}, by Atheris in {time.monotonic() - begin:.0f} s")
