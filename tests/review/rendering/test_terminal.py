"""A report as text for a terminal."""

from __future__ import annotations

import re

import pytest
from pulumi_flyte_review.model.reason import ArgumentReason
from pulumi_flyte_review.model.report import Change, Report
from pulumi_flyte_review.rendering.markdown import markdown
from pulumi_flyte_review.rendering.terminal import terminal

REPORT = Report(
    "shop",
    "dev",
    changes=(
        Change("app", "old", "u1", "delete"),
        Change("app", "web", "u2", "update", (ArgumentReason("env.TEXT", "a " * 40, "[bold]b[/bold] " * 9),)),
    ),
)


def test_lines_are_no_wider_than_the_terminal() -> None:
    for width in (40, 60, 100):
        assert max(map(len, terminal(REPORT, width=width).splitlines())) <= width


@pytest.mark.parametrize("colour", [False, True])
def test_no_line_ends_in_a_blank(colour: bool) -> None:
    for width in range(20, 100, 7):
        text = re.sub(r"\x1b\[[\d;]*m", "", terminal(REPORT, width=width, colour=colour))
        assert not [line for line in text.splitlines() if line != line.rstrip()]


def test_colours_are_for_terminals_only_and_change_no_word() -> None:
    plain, coloured = terminal(REPORT), terminal(REPORT, colour=True)
    assert "\x1b[" not in plain
    assert "\x1b[1;31mdeletes app old" in coloured


def test_nothing_in_a_value_is_markup() -> None:
    assert "[bold]b[/bold]" in terminal(REPORT, width=200)


def test_no_value_steers_the_terminal_or_turns_the_text_around() -> None:
    text = "a\x1b[31mb\x9b2J\u202ec"
    report = Report(
        "shop", "dev", changes=(Change("app", text, "u1", "update", (ArgumentReason("env.TEXT", text, text),)),)
    )
    for rendered in (terminal(report, width=200), markdown(report)):
        assert not {"\x1b", "\x9b", "\u202e"} & set(rendered)
        assert "u001b" in rendered
