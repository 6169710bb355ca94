"""The forms that a program may have written a secret value in. Pure.

Escapes are not among the forms: `escapes` undoes them in the text.
"""

from __future__ import annotations

import base64
import re
import unicodedata
from collections.abc import Callable, Iterator
from typing import NamedTuple

from pulumi_flyte.redaction.escapes import QUOTES, SPACE

# A shorter value is in too many words.
SHORTEST = 4
_SHORTEST_LINE = 8


class Form(NamedTuple):
    """A form of a secret value.

    starts_inside, ends_inside: whether the sign before or after it has bits of the value, too. Such a sign depends on
    what is before or after the value.
    """

    text: str
    starts_inside: bool = False
    ends_inside: bool = False


class _Encoding(NamedTuple):
    """An encoding of bytes as signs of a few bits each. group: the bytes that a whole number of signs encodes."""

    bits: int
    group: int
    encode: Callable[[bytes], bytes]


_ENCODINGS = (
    _Encoding(6, 3, base64.b64encode),
    _Encoding(6, 3, base64.urlsafe_b64encode),
    _Encoding(5, 5, base64.b32encode),
)


def forms_of(secret: str) -> Iterator[Form]:
    """Yield the forms of a secret value: as it is, encoded, reversed, and each of its lines."""
    if len(secret) < SHORTEST:
        return
    stripped = secret.strip()
    lines = [line.strip() for line in secret.splitlines()]
    parts = {secret, stripped, *(line for line in lines if len(line) >= _SHORTEST_LINE)}
    for part in parts:
        for text in (part, part[::-1]):
            yield from (form for form in _spellings(text) if len(form.text) >= SHORTEST)


def _spellings(text: str) -> Iterator[Form]:
    for letters in {text, *(unicodedata.normalize(form, text) for form in ("NFC", "NFD"))}:
        yield Form(letters)
        # A text without its quotes, and a long one without its line breaks, is compared with the value as well.
        yield Form(re.sub(QUOTES, "", letters))
        yield Form(re.sub(SPACE, "", letters))
        for raw in _bytes_of(letters):
            yield Form(raw.hex())
            for encoding in _ENCODINGS:
                yield from _encoded(raw, encoding)


def _bytes_of(text: str) -> Iterator[bytes]:
    yield text.encode("utf-8", "surrogatepass")
    if not text.isascii() and max(text) <= "\xff":
        yield text.encode("latin-1")


def _encoded(raw: bytes, encoding: _Encoding) -> Iterator[Form]:
    """Yield what the encoding makes of a value, at each place that it may have in a longer text."""
    for shift in range(encoding.group):
        first, last = shift * 8, (shift + len(raw)) * 8
        signs = encoding.encode(b"\0" * shift + raw).decode()
        whole = signs[-(-first // encoding.bits) : last // encoding.bits]
        yield Form(whole, first % encoding.bits > 0, last % encoding.bits > 0)
