"""`SecretForms`: secret values, to be removed from texts. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from pulumi_flyte.redaction.escapes import View, views
from pulumi_flyte.redaction.forms import SHORTEST, Form, forms_of

_SIGN = re.compile(r"[A-Za-z0-9+/_-]")
_LAST_SIGN = re.compile(rf"(?:{_SIGN.pattern})?=*")


class SecretForms:
    """Secret values in all their forms."""

    def __init__(self, values: Iterable[str] = ()) -> None:
        # A stack of many apps has thousands of forms: each edge has a key. A pattern of them all takes minutes.
        self._by_start: dict[str, list[Form]] = {}
        for value in values:
            self.add(value)

    def add(self, value: str) -> None:
        """Add a secret value. A very short one is left out, as it is part of too many words."""
        for form in forms_of(value):
            folded = form._replace(text=_folded(form.text))
            forms = self._by_start.setdefault(folded.text[:SHORTEST], [])
            if folded not in forms:
                forms.append(folded)
                # The longest first: one form may be part of another.
                forms.sort(key=lambda each: -len(each.text))

    def replaced(self, text: str, replacement: str) -> str:
        """Return a text with a replacement in place of each secret value."""
        return "".join(self._parts(text, replacement)) if self._by_start else text

    def _parts(self, text: str, replacement: str) -> Iterator[str]:
        end = 0
        for first, last in _united(place for view in views(text) for place in self._places(view)):
            yield text[end:first]
            yield replacement
            end = last
        yield text[end:]

    def _places(self, view: View) -> Iterator[tuple[int, int]]:
        """Yield the places of secret values in the original text."""
        folded, end = _folded(view.text), 0
        by_start = self._by_start
        for first in [index for index in range(len(folded)) if folded[index : index + SHORTEST] in by_start]:
            forms = by_start[folded[first : first + SHORTEST]] if first >= end else ()
            form = next((each for each in forms if folded.startswith(each.text, first)), None)
            if form is None:
                continue
            end = last = first + len(form.text)
            if form.starts_inside and first > 0 and _SIGN.match(folded, first - 1):
                first -= 1
            if form.ends_inside:
                sign = _LAST_SIGN.match(folded, last)
                last = sign.end() if sign else last
            yield view.starts[first], view.ends[last - 1]


def _united(places: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Yield places in their order, and one for several that overlap."""
    end = 0
    first = last = 0
    for start, end in sorted(places):
        if start < last:
            last = max(last, end)
            continue
        if last > first:
            yield first, last
        first, last = start, end
    if last > first:
        yield first, last


def _folded(text: str) -> str:
    """Return a text in small letters, character by character, so that each keeps its place."""
    if text.isascii():
        return text.lower()
    return "".join(small if len(small := char.lower()) == 1 else char for char in text)
