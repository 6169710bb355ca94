from __future__ import annotations

import pytest
from pulumi_flyte import cron


@pytest.mark.parametrize(
    "text",
    ["0 2 * * *", "*/15 8-18 * * mon-fri", "0 0 1,15 jan-jun ?", "5 4 * * SUN", "@daily", "0 0 29 2 *", "0 0/6 * * 0"],
)
def test_good_expressions(text: str) -> None:
    assert cron.problem(text) is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("0 2 * *", "five fields"),
        ("0 0 2 * * *", "five fields"),
        ("99 * * * *", "not a cron expression"),
        ("0 2 * * 7", "0 (Sunday) to 6 (Saturday)"),
        ("0 2 * * 5-7", "0 (Sunday) to 6 (Saturday)"),
        ("0 2 * * fri-mon", "no range that wraps around"),
        ("0 2 L * *", "does not know 'L' as a day"),
        ("0 2 * * 1#2", "does not know '1#2' as a weekday"),
        ("0 2 31 2 *", "never fires"),
    ],
)
def test_what_flyte_would_refuse_or_never_fire(text: str, said: str) -> None:
    assert said in str(cron.problem(text))
