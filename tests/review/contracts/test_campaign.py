"""A mutation is reported where the caller uses what it breaks, and nowhere else."""

from __future__ import annotations

import pytest

from tests.review.contracts.campaign import Outcome, run
from tests.review.contracts.mutations import MUTATIONS


def holds(outcome: Outcome) -> None:
    print(
        f"{outcome.kinds.total()} mutations of {len(outcome.kinds)} kinds:"
        f" {outcome.right_breaks} breaks and {outcome.right_silences} silences, {len(outcome.wrong)} wrong"
    )
    assert outcome.wrong == []
    assert outcome.untold == 0
    assert set(outcome.kinds) == {each.name for each in MUTATIONS}


def test_breaks_are_those_that_the_caller_uses() -> None:
    holds(run(1, 600))


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(2, 12))
def test_breaks_are_those_that_the_caller_uses_in_a_long_campaign(seed: int) -> None:
    holds(run(seed, 5000))
