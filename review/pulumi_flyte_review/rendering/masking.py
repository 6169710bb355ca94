"""Secret values are masked in every text of a report, in each form that a program may have written them in. Pure.

The engine hides what it knows to be secret. A program can still put a value where the engine sees a plain text: into a
variable, an error, a name. Values are masked before a report is rendered, as a cut or wrapped one is found no more.
"""

from __future__ import annotations

import base64
import dataclasses
import html
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import TypeVar, cast, get_args
from urllib.parse import quote, quote_plus

from pulumi_flyte_review.model.preview import SECRET, Operation, PropertyEdit, Severity
from pulumi_flyte_review.model.workload import Kind

T = TypeVar("T")
# A shorter value is in too many words.
SHORTEST = 4
_SHORTEST_LINE = 8
_DOCUMENTS = 3
# The words of a report itself. To mask one hides nothing, and takes the change that it belongs to out of the report.
_WORDS = frozenset(word for words in (Operation, Kind, PropertyEdit, Severity) for word in get_args(words))
# Fields that hold no value of a program: a digest and numbers, which could have a short secret inside.
_SAFE = frozenset({"token", "counts", "line"})


class Masks:
    """The secret values of a stack."""

    def __init__(self, values: Iterable[str]) -> None:
        forms = {_folded(form) for value in values for form in forms_of(value)}
        # A stack of many apps has thousands of forms: each edge has a key. A pattern of them all takes minutes.
        self._by_start: dict[str, list[str]] = {}
        # The longest first: one form may be part of another.
        for form in sorted(forms, key=len, reverse=True):
            self._by_start.setdefault(form[:SHORTEST], []).append(form)

    def text(self, text: str) -> str:
        """Return a text without secret values."""
        if not self._by_start or text == SECRET or text in _WORDS:
            return text
        return "".join(self._parts(text))

    def value(self, value: T) -> T:
        """Return a value with all texts inside masked: a report, a part of one, or a document."""
        return cast(T, self._masked(value))

    def _parts(self, text: str) -> Iterator[str]:
        folded, position, end = _folded(text), 0, 0
        while position < len(folded):
            forms = self._by_start.get(folded[position : position + SHORTEST], ())
            form = next((each for each in forms if folded.startswith(each, position)), None)
            if form is None:
                position += 1
                continue
            yield text[end:position]
            yield SECRET
            position = end = position + len(form)
        yield text[end:]

    def _masked(self, value: object) -> object:
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return SECRET if self.text(str(value)) != str(value) else value
        if isinstance(value, Mapping):
            return {self._masked(key): self._masked(item) for key, item in value.items()}
        if isinstance(value, (tuple, list)):
            return type(value)(self._masked(item) for item in value)
        if dataclasses.is_dataclass(value) and not isinstance(value, type):
            fields = (item.name for item in dataclasses.fields(value) if item.name not in _SAFE)
            return dataclasses.replace(value, **{name: self._masked(getattr(value, name)) for name in fields})
        return value


def _folded(text: str) -> str:
    """Return a text in small letters, character by character, so that each keeps its place."""
    if text.isascii():
        return text.lower()
    return "".join(small if len(small := char.lower()) == 1 else char for char in text)


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
