"""The lines of a log as people see them."""

from __future__ import annotations

import pytest
from flyte_local.console.log_lines import LogLine, log_line
from hypothesis import given
from hypothesis import strategies as st


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("ERROR: cannot reach the warehouse", "error"),
        ("\x1b[31mERROR\x1b[0m:    Exception in ASGI application", "error"),
        ("2026-11-30 20:14:03,112 ERROR sqlalchemy.engine", "error"),
        ("[2026-11-30 20:14:03 +0000] [4711] [CRITICAL] WORKER TIMEOUT", "error"),
        ("[r1][a0] [flyte] ERROR Task failed", "error"),
        ("Traceback (most recent call last):", "error"),
        ("flyte.errors.RuntimeUserError: an item needs a name", "error"),
        ("KeyboardInterrupt", "error"),
        ('{"level": "error", "event": "order refused"}', "error"),
        ('{"severity": "WARNING", "message": "late"}', "warning"),
        ("WARNING:  cache is cold", "warning"),
        ("[flyte] WARN slow", "warning"),
        ("[flyte-local] exited with code 3", "server"),
        ("— revision 2 —", "server"),
        ("INFO:     Started server process [4711]", ""),
        ("2026-11-30 20:14:03,112 INFO retried after an ERROR of the warehouse", ""),
        ("no ERROR here", ""),
        ('  File "/app/main.py", line 8, in <module>', ""),
        ('{"level": "info", "event": "ERROR is a word"}', ""),
        ('{"level": 40}', ""),
        ("{not json", ""),
        ("", ""),
    ],
)
def test_a_line_is_marked_by_its_own_level(text: str, kind: str) -> None:
    assert log_line(text).kind == kind


@given(st.text())
def test_every_text_is_a_line(text: str) -> None:
    assert isinstance(log_line(text), LogLine)
    assert isinstance(log_line("{" + text), LogLine)
