"""Cron expressions: what the API server of Flyte OSS took and refused, expression by expression."""

from __future__ import annotations

import pytest
from pulumi_flyte.notation import cron


@pytest.mark.parametrize(
    "expression",
    [
        "0 2 * * *",
        "*/7 * * * *",
        "0-59/5 * * * *",
        "5/10 * * * *",
        "0 0 * jan-dec *",
        "0 0 * * MON,FRI",
        "5 4 * * mon-fri",
        "0 2 ? * *",
        "0 0 * * 0",
        "0 0 29 2 *",
        "00 02 * * *",
        "@daily",
        "@every 90m",
        "@every 1h30m",
    ],
)
def test_what_flyte_takes_is_good(expression: str) -> None:
    assert cron.problem(expression) is None


@pytest.mark.parametrize(
    ("expression", "reason"),
    [
        ("0 2 * * 7", "write 0 for 7"),
        ("0 2 * * 5-7", "write 0 for 7"),
        ("0 2 * * 5#2", "does not know '5#2' as a weekday"),
        ("0 2 L * *", "does not know 'L' as a day"),
        ("R * * * *", "does not know 'R' as a minute"),
        ("\u0661 2 * * *", "as a minute"),
        ("0 0 * * fri-mon", "wraps around, such as 'fri-mon'"),
        ("50-10 * * * *", "wraps around, such as '50-10'"),
        ("0 0 31 2 *", "it never fires"),
        ("60 * * * *", "not a cron expression"),
        ("0 2 * *", "five fields"),
        ("@every", "'@every 1h30m'"),
        ("@every day", "'@every 1h30m'"),
    ],
)
def test_what_flyte_refuses_has_a_reason(expression: str, reason: str) -> None:
    assert reason in (cron.problem(expression) or "")
