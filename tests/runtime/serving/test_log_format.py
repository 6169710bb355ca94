"""Lines for people: what a caller sent makes no lines and no colours of its own."""

from __future__ import annotations

import json
import logging
import time
from typing import Any

import pytest
from flyte_runtime.observability import log_lines
from flyte_runtime.serving.log_format import Lines
from hypothesis import given
from hypothesis import strategies as st


def line(**fields: Any) -> str:
    record = logging.LogRecord(log_lines.ACCESS.name, logging.INFO, "", 0, "%s", (json.dumps(fields),), None)
    record.created = 0.0
    return Lines().format(record)


HEAD = f"{time.strftime('%Y-%m-%d %H:%M:%S %Z', time.localtime(0))} INFO   "


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
    assert line(path=value, status=200) == f"{HEAD} path={shown} status=200"


def test_a_request_reads_as_a_sentence_and_its_other_fields_follow() -> None:
    fields = {"event": "http", "method": "GET", "path": "/x", "status": 200, "duration_ms": 3.1, "caller": "shop/web"}
    assert line(**fields) == f"{HEAD} GET /x 200 in 3.1 ms caller=shop/web"
    assert line(**{**fields, "path": "/a b"}) == f'{HEAD} GET "/a b" 200 in 3.1 ms caller=shop/web'


@given(st.text())
def test_whatever_the_path_is_the_line_is_one_of_visible_characters(path: str) -> None:
    assert not [character for character in line(path=path) if not " " <= character <= "~"]
