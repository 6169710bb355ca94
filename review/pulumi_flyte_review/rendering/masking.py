"""Secret values are masked in every text of a report, in each form that a program may have written them in. Pure.

The engine hides what it knows to be secret. A program can still put a value where the engine sees a plain text: into a
variable, an error, a name. Values are masked before a report is rendered, as a cut or wrapped one is found no more.

A name is a text that the program's code has in plain. To mask a common word in it, such as `backend`, hides nothing,
makes the report unreadable, and tells everybody what the secret is. So it is masked in values and messages only.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast, get_args

from pulumi_flyte_review.model.preview import SECRET, Operation, PropertyEdit, Severity
from pulumi_flyte_review.model.workload import Kind
from pulumi_flyte_review.rendering.secret_forms import SHORTEST, forms_of, is_word

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

T = TypeVar("T")
# The words of a report itself. To mask one hides nothing, and takes the change that it belongs to out of the report.
_WORDS = frozenset(word for words in (Operation, Kind, PropertyEdit, Severity) for word in get_args(words))
# Fields that hold no value of a program: a digest and numbers, which could have a short secret inside.
_SAFE = frozenset({"token", "counts", "line"})
# Fields that hold values and messages. All others hold names, and words of the report itself.
_VALUES = frozenset({"old", "new", "message"})


class Masks:
    """The secret values of a stack."""

    def __init__(self, values: Iterable[str]) -> None:
        values = tuple(values)
        self._in_values = _Forms(values)
        self._in_names = _Forms(value for value in values if not is_word(value))

    def text(self, text: str) -> str:
        """Return a value or a message without secret values."""
        return text if text in _WORDS else self._in_values.masked(text)

    def value(self, value: T) -> T:
        """Return a value with all texts inside masked: a report, a part of one, or a document."""
        return cast(T, self._masked(value, self._in_values))

    def _masked(self, value: object, forms: _Forms) -> object:
        if isinstance(value, str):
            return value if value in _WORDS else forms.masked(value)
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return SECRET if forms.masked(str(value)) != str(value) else value
        if isinstance(value, Mapping):
            return {self._masked(key, self._in_names): self._masked(item, forms) for key, item in value.items()}
        if isinstance(value, (tuple, list)):
            return type(value)(self._masked(item, forms) for item in value)
        if dataclasses.is_dataclass(value) and not isinstance(value, type):
            return dataclasses.replace(value, **self._masked_fields(value))
        return value

    def _masked_fields(self, value: DataclassInstance) -> dict[str, Any]:
        names = (field.name for field in dataclasses.fields(value) if field.name not in _SAFE)
        return {
            name: self._masked(getattr(value, name), self._in_values if name in _VALUES else self._in_names)
            for name in names
        }


class _Forms:
    """The forms of some secret values, to be looked for in texts."""

    def __init__(self, values: Iterable[str]) -> None:
        forms = {_folded(form) for value in values for form in forms_of(value)}
        # A stack of many apps has thousands of forms: each edge has a key. A pattern of them all takes minutes.
        self._by_start: dict[str, list[str]] = {}
        # The longest first: one form may be part of another.
        for form in sorted(forms, key=len, reverse=True):
            self._by_start.setdefault(form[:SHORTEST], []).append(form)

    def masked(self, text: str) -> str:
        """Return a text without secret values."""
        return text if not self._by_start or text == SECRET else "".join(self._parts(text))

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


def _folded(text: str) -> str:
    """Return a text in small letters, character by character, so that each keeps its place."""
    if text.isascii():
        return text.lower()
    return "".join(small if len(small := char.lower()) == 1 else char for char in text)
