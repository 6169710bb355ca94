"""The pieces of a sentence: words, and names that a format may set off. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import NamedTuple, TypeAlias

from pulumi_flyte.notation.engine_marks import SECRET

from pulumi_flyte_review.model.preview import Json

_LONGEST = 60
_MOST_ITEMS = 8
# Characters that steer a terminal, or turn the direction of what follows: a reader would see another text.
_STEERING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


class Name(NamedTuple):
    """A name or a value that stands out from the words around it."""

    text: str


Piece: TypeAlias = "str | Name"


def visible(text: str) -> str:
    """Return a text with its control characters spelled out. The program of a stranger may have written it."""
    return _STEERING.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def shown(value: Json) -> str:
    """Return a value on one line, cut if it is long."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…"


def edited(old: Json, new: Json, *, secret: bool = False) -> list[Piece]:
    """Return what becomes of a value."""
    if secret or (old == SECRET and new == SECRET):
        word = (
            "is set to a secret value"
            if old is None
            else "is no longer set"
            if new is None
            else "is another secret value"
        )
        return [f" {word}"]
    if old is None:
        return [" is set to ", Name(shown(new))]
    if new is None:
        return [" is no longer set (it was ", Name(shown(old)), ")"]
    return [": ", Name(shown(old)), " → ", Name(shown(new))]


def listed(items: Sequence[Sequence[Piece]]) -> list[Piece]:
    """Return the first items of a list with commas between them, and how many more there are."""
    pieces: list[Piece] = []
    for index, item in enumerate(items[:_MOST_ITEMS]):
        pieces += [", ", *item] if index else item
    return [*pieces, f" and {len(items) - _MOST_ITEMS:,} more"] if len(items) > _MOST_ITEMS else pieces
