"""The forms that a program may have written a secret value in. Pure."""

from __future__ import annotations

import base64
import html
import json
from collections.abc import Iterator
from urllib.parse import quote, quote_plus

# A shorter value is in too many words.
SHORTEST = 4
_SHORTEST_LINE = 8
_DOCUMENTS = 3
_LONGEST_WORD = 11
_LONGEST_NUMBER = 7
_LONGEST_MIXTURE = 5


def is_word(secret: str) -> bool:
    """Return whether a value is a common word or a small number, which names have inside by chance.

    Nothing random that is long enough for a secret is: a word has letters of one case, or a capital first.
    """
    if secret.isalpha():
        return len(secret) <= _LONGEST_WORD and secret in (secret.lower(), secret.upper(), secret.capitalize())
    longest = _LONGEST_NUMBER if secret.isdigit() else _LONGEST_MIXTURE
    return secret.isalnum() and len(secret) <= longest


def forms_of(secret: str) -> Iterator[str]:
    """Yield the forms of a secret value: as it is, encoded, escaped, reversed, and each of its lines."""
    if len(secret) < SHORTEST:
        return
    yield from _spellings(secret)
    yield from _spellings(secret[::-1])
    lines = [line.strip() for line in secret.splitlines()]
    if len(lines) > 1:
        for line in lines:
            if len(line) >= _SHORTEST_LINE:
                yield from _spellings(line)


def _spellings(text: str) -> Iterator[str]:
    raw = text.encode("utf-8", "surrogatepass")
    yield from (text, raw.hex(), repr(text)[1:-1], html.escape(text))
    yield from (quote(raw, safe=""), quote(raw), quote_plus(raw))
    for ascii_only in (True, False):
        # A document may be a text in another document.
        inside = text
        for _ in range(_DOCUMENTS):
            inside = json.dumps(inside, ensure_ascii=ascii_only)[1:-1]
            yield inside
    yield from _base64(raw)


def _base64(raw: bytes) -> Iterator[str]:
    """Yield what base64 makes of it, at each place that it may have in a longer text."""
    for shift in range(3):
        encoded = base64.b64encode(b"\0" * shift + raw).decode()
        # The first and the last characters depend on the neighbours, too.
        middle = encoded[(shift * 8 + 5) // 6 : (shift + len(raw)) * 8 // 6]
        if len(middle) >= SHORTEST:
            yield middle
            yield middle.replace("+", "-").replace("/", "_")
