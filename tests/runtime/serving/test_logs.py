"""Lines for people: what a caller sent makes no lines and no colours of its own."""

from __future__ import annotations

import json
import logging
from typing import Any

import pytest
from flyte_runtime import events
from flyte_runtime.serving.logs import Lines
from hypothesis import given
from hypothesis import strategies as st


def line(**fields: Any) -> str:
    record = logging.LogRecord(events.ACCESS.name, logging.INFO, "", 0, "%s", (json.dumps(fields),), None)
    return Lines().format(record)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("/runs/7", "/runs/7"),
        (200, "200"),
        (["r1"], "['r1']"),
        (["r1", "r2"], '["r1", "r2"]'),
        ("/two words", '"/two words"'),
        ("/x\nINFO:     forged", r'"/x\nINFO:     forged"'),
        ("/x\rforged", r'"/x\rforged"'),
        ("/\x1b[31mred", r'"/\u001b[31mred"'),
        ("/\x9b31mred", r'"/\u009b31mred"'),
        ("/\u2028\u202e", r'"/\u2028\u202e"'),
        ("", '""'),
    ],
)
def test_a_value_that_is_more_than_one_visible_word_is_quoted(value: Any, shown: str) -> None:
    assert line(path=value, status=200) == f"INFO:     path={shown} status=200"


@given(st.text())
def test_whatever_the_path_is_the_line_is_one_of_visible_characters(path: str) -> None:
    assert not [character for character in line(path=path) if not " " <= character <= "~"]
