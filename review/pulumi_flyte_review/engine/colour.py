"""Colours in what language hosts and programs print: they ignore `--color never`. Pure."""

from __future__ import annotations

import re

# A control sequence of a terminal (ECMA-48, 5.4).
_SEQUENCE = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]")


def without_colour(text: str) -> str:
    """Return a text as a file or a comment can have it."""
    return _SEQUENCE.sub("", text)
