"""Secret values are masked in every text of a report, in each form that a program may have written them in. Pure.

The engine hides what it knows to be secret. A program can still put a value where the engine sees a plain text: into a
variable, an error, a name. Values are masked before a report is rendered, as a cut or wrapped one is found no more.

A name is a text that the program's code has in plain. To mask a common word in it, such as `backend`, hides nothing,
makes the report unreadable, and tells everybody what the secret is. So it is masked in values and messages only.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast, get_args

from pulumi_flyte.notation.engine_marks import SECRET
from pulumi_flyte.redaction.secrets import SecretForms

from pulumi_flyte_review.model.preview import Operation, PropertyEdit, Severity
from pulumi_flyte_review.model.report import Connection
from pulumi_flyte_review.model.workload import Kind

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

T = TypeVar("T")
_LONGEST_WORD = 11
_LONGEST_NUMBER = 7
_LONGEST_MIXTURE = 5
# The words of a report itself. To mask one hides nothing, and takes the change that it belongs to out of the report.
_WORDS = frozenset(word for words in (Operation, Kind, PropertyEdit, Severity) for word in get_args(words))
# Fields that hold no value of a program: a digest and numbers, which could have a short secret inside.
_SAFE = frozenset({"token", "line"})
# Fields that hold values and messages. All others hold names, and words of the report itself.
_VALUES = frozenset({"old", "new", "message"})
# A value in a sentence of the report about a contract, as JSON has it: a text in quotes, or a number.
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"')
_VALUE = re.compile(rf"{_QUOTED.pattern}|(?<![^\s\[(,])-?\d[\d.eE+-]*(?![^\s\]),;])")


class Masks:
    """The secret values of a stack."""

    def __init__(self, values: Iterable[str]) -> None:
        values = tuple(values)
        self._in_values = SecretForms(values)
        names = tuple(value for value in values if not is_word(value))
        self._in_names = self._in_values if names == values else SecretForms(names)

    def text(self, text: str) -> str:
        """Return a value or a message without secret values."""
        return text if text in _WORDS else self._in_values.replaced(text, SECRET)

    def value(self, value: T) -> T:
        """Return a value with all texts inside masked: a report, a part of one, or a document."""
        return cast(T, self._masked(value, self._in_values))

    def _masked(self, value: object, forms: SecretForms) -> object:
        if isinstance(value, str):
            return value if value in _WORDS or value == SECRET else forms.replaced(value, SECRET)
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return SECRET if forms.replaced(str(value), SECRET) != str(value) else value
        if isinstance(value, Mapping):
            return {self._masked(key, self._in_names): self._masked(item, forms) for key, item in value.items()}
        if isinstance(value, (tuple, list)):
            items = [self._masked(item, forms) for item in value]
            return Connection(*map(str, items)) if isinstance(value, Connection) else type(value)(items)
        if dataclasses.is_dataclass(value) and not isinstance(value, type):
            return dataclasses.replace(value, **self._masked_fields(value))
        return value

    def _masked_fields(self, value: DataclassInstance) -> dict[str, Any]:
        fields = {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
        return {name: self._masked_field(name, content) for name, content in fields.items() if name not in _SAFE}

    def _masked_field(self, name: str, content: object) -> object:
        if name == "problem":
            return self._sentence(str(content))
        if name == "unchecked":
            return tuple(map(self._sentence, cast(tuple[str, ...], content)))
        return self._masked(content, self._in_values if name in _VALUES else self._in_names)

    def _sentence(self, text: str) -> str:
        """Return a sentence of the report without secret values. It masks a common word only in values."""
        if '"' in _QUOTED.sub("", text):
            # A name with a quote in it: which part of the sentence is a value cannot be told.
            return self.text(text)
        return self._in_names.replaced(_VALUE.sub(lambda match: self.text(match[0]), text), SECRET)


def is_word(secret: str) -> bool:
    """Return whether a value is a common word or a small number, which names have inside by chance.

    Nothing random that is long enough for a secret is: a word has letters of one case, or a capital first.
    """
    if secret.isalpha():
        return len(secret) <= _LONGEST_WORD and secret in (secret.lower(), secret.upper(), secret.capitalize())
    longest = _LONGEST_NUMBER if secret.isdigit() else _LONGEST_MIXTURE
    return secret.isalnum() and len(secret) <= longest
