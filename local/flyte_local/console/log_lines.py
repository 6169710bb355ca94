"""The lines of a log as a page shows them: without the controls of terminals, and marked by their level. Pure."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Literal

LineKind = Literal["", "warning", "error", "server"]

# Colours and cursor movements of terminals (ECMA-48).
_CONTROL = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]")
# The server's own lines: about a process that it starts and ends, and between two revisions.
_SERVER = re.compile(r"\[flyte-local\]|— revision \d+ —$")
# The level stands at the beginning, after a time or a logger's name at most. Elsewhere the word may be of the message.
_LEVEL = re.compile(r"[^A-Za-z]{0,40}(?:\[[^\]]*\]\s*){0,4}\W{0,3}(WARN(?:ING)?|ERROR|CRITICAL|FATAL)\b")
# The first and the last line of a Python traceback.
_TRACEBACK = re.compile(r"Traceback \(most recent call last\)|[A-Za-z_][\w.]*(?:Error|Exception|Interrupt)(?::|$)")
_LONGEST_RECORD = 10_000


@dataclass(frozen=True)
class LogLine:
    """A line and its kind, '' for an ordinary one."""

    text: str
    kind: LineKind = ""


def log_line(raw: str) -> LogLine:
    """Return a line as a page shows it."""
    text = clean(raw)
    return LogLine(text, _kind(text))


def clean(line: str) -> str:
    """Return a line without the controls of terminals."""
    return _CONTROL.sub("", line).rstrip("\r")


def _kind(text: str) -> LineKind:
    if _SERVER.match(text):
        return "server"
    if _TRACEBACK.match(text):
        return "error"
    level = _level_of_record(text) if text.startswith("{") else _LEVEL.match(text)
    word = level if isinstance(level, str) else level[1] if level else ""
    return "" if not word else "warning" if word.startswith("WARN") else "error"


def _level_of_record(text: str) -> str:
    """Return the level of a line that is a JSON object, if it is a warning or an error."""
    try:
        record = json.loads(text) if len(text) <= _LONGEST_RECORD else None
    except (ValueError, RecursionError):
        return ""
    level = record.get("level", record.get("severity")) if isinstance(record, dict) else None
    word = level.upper() if isinstance(level, str) else ""
    return word if word in ("WARN", "WARNING", "ERROR", "CRITICAL", "FATAL") else ""
