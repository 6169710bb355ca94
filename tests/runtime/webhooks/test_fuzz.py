"""Nothing that is not the sender's is accepted, and nothing breaks: the short form of tests/soak/test_webhooks.py."""

from __future__ import annotations

from pathlib import Path

import pytest
from flyte_runtime.webhooks import Accepted, Refusal, verify
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.runtime.webhooks.campaign import Campaign, scheme_of
from tests.runtime.webhooks.mutations import SCHEMES, SIGNED, damaged, genuine, sent_by

NOW = 1_700_000_000.0
HEADERS = st.lists(
    st.tuples(st.sampled_from(sorted({name for names in SIGNED.values() for name in names})), st.binary(max_size=120)),
    max_size=6,
)


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.usefixtures("quiet_audit")
async def test_damaged_deliveries_are_refused_by_the_application(scheme: str, tmp_path: Path) -> None:
    campaign = Campaign(scheme, tmp_path)
    await campaign.run(1_000)
    campaign.replays.close()
    assert campaign.statuses[401] > 250


@pytest.mark.parametrize("scheme", SCHEMES)
@settings(max_examples=100)
@given(headers=HEADERS, body=st.binary(max_size=200))
def test_whatever_comes_is_a_refusal(scheme: str, headers: list[tuple[bytes, bytes]], body: bytes) -> None:
    verdict = verify(scheme_of(scheme), headers, body, NOW)
    assert isinstance(verdict, Refusal)
    assert verdict.status in {400, 401}


@pytest.mark.parametrize("scheme", SCHEMES)
@settings(max_examples=150)
@given(draw=st.randoms(use_true_random=False), body=st.binary(max_size=100))
def test_only_what_is_signed_is_accepted(scheme: str, draw: object, body: bytes) -> None:
    sent = damaged(scheme, sent_by(scheme, body, NOW, "delivery"), NOW, draw)  # type: ignore[arg-type]
    verdict = verify(scheme_of(scheme), sent.headers, sent.body, NOW)
    if isinstance(verdict, Accepted):
        assert genuine(scheme, sent, NOW)
    else:
        assert verdict.status in {400, 401}
