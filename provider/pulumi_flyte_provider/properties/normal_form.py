"""The normal form of inputs. Inputs with the same meaning for the platform have the same normal form. Pure.

It is the result that Read would return for the inputs, made by the same conversions: from inputs to the API's message
and back. Unknown values are carried along as marked texts. If a field of the message is not a text, the whole property
counts as unknown.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from google.protobuf import json_format
from pydantic import ValidationError

from pulumi_flyte_provider.properties.shape import S
from pulumi_flyte_provider.properties.values import UNKNOWN, Properties, has_unknown, reveal

_STAND_IN = "\x02unknown\x02"
# Properties that are protobuf JSON. If a message cannot be built, one of them is the cause.
_JSON = {"pod", "extra", "template", "inputs"}


def _unchanged(properties: Properties) -> Properties:
    return properties


@dataclass(frozen=True)
class NormalForm:
    """The normal form for the inputs of one kind of resource.

    round_trip: converts inputs to the API's message and back.
    outside: the properties that are not part of the message.
    complete: adds the defaults of missing inputs.
    """

    round_trip: Callable[[Properties], Properties]
    outside: frozenset[str]
    complete: Callable[[Properties], Properties] = _unchanged

    def of(self, inputs: Properties) -> Properties:
        """Return the normal form of inputs, without secret wrappers."""
        revealed = {key: value for key, value in reveal(inputs).items() if value is not None}
        untouched = {key: value for key, value in revealed.items() if key in self.outside or value is UNKNOWN}
        work = {key: _stand_in(value) for key, value in revealed.items() if key not in untouched}
        while True:
            try:
                result = self.round_trip(work)
                break
            except ValidationError as error:
                culprits = {str(detail["loc"][0]) for detail in error.errors() if detail["loc"]} & set(work)
            except (json_format.ParseError, ValueError, TypeError):
                culprits = set(work) & _JSON or set(work)
            for key in culprits or set(work):
                untouched[key] = UNKNOWN if has_unknown(revealed[key]) else revealed[key]
                del work[key]
        converted = {key: _back(value) for key, value in result.items() if key not in untouched}
        return self.complete({**converted, **untouched})

    def keep_spelling(self, live: Properties, before: Properties) -> Properties:
        """Return live properties, but those of `before` if they mean the same. So a refresh shows only drift."""
        if not before:
            return live
        old, new = self.of(before), self.of(live)
        same = {key for key in {*old, *new} if old.get(key) == new.get(key)}
        result = {key: value for key, value in live.items() if key not in same or key in self.outside}
        result.update({key: value for key, value in before.items() if key in same and value is not None})
        return result


def parse_known(shape: type[S], inputs: Properties, **required: Any) -> S:
    """Return the shape of inputs that a platform returned. Properties that break our rules are removed from `inputs`,
    since the platform may allow more. Read then keeps them in another property."""
    while True:
        try:
            return shape.model_validate({**inputs, **required})
        except ValidationError as error:
            for detail in error.errors():
                inputs.pop(str(detail["loc"][0]), None)


def _stand_in(value: Any) -> Any:
    if value is UNKNOWN:
        return _STAND_IN
    if isinstance(value, dict):
        return {key: _stand_in(item) for key, item in value.items()}
    return [_stand_in(item) for item in value] if isinstance(value, list) else value


def _back(value: Any) -> Any:
    if isinstance(value, str):
        return UNKNOWN if _STAND_IN in value else value
    if isinstance(value, dict):
        return {key: _back(item) for key, item in value.items()}
    return [_back(item) for item in value] if isinstance(value, list) else value
