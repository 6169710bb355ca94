"""The normal form of inputs: inputs that mean the same to the platform have an equal one. Pure.

The normal form is what Read would return for the inputs, found by the same conversions: inputs to the API's message and
back. Values that only `up` knows are carried through as marked texts. If a message has no room for a text, the whole
property counts as unknown.
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
# Properties that are protobuf JSON: one of them is to blame for a message that cannot be built.
_JSON = {"pod", "extra", "template", "inputs"}


def _unchanged(properties: Properties) -> Properties:
    return properties


@dataclass(frozen=True)
class NormalForm:
    """Compares the inputs of one kind of resource.

    round_trip: turns inputs into the API's message and back.
    outside: the properties that are not part of the message.
    complete: adds what an input that is not given means.
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
        """Return live properties, spelt as in `before` where they mean the same, so that refresh shows drift only."""
        if not before:
            return live
        old, new = self.of(before), self.of(live)
        same = {key for key in {*old, *new} if old.get(key) == new.get(key)}
        result = {key: value for key, value in live.items() if key not in same or key in self.outside}
        result.update({key: value for key, value in before.items() if key in same and value is not None})
        return result


def parse_known(shape: type[S], inputs: Properties, **required: Any) -> S:
    """Return the shape of what a platform returned. Properties that break our rules are taken out of `inputs`: the
    platform allows more than we do, and Read keeps what it cannot name in another property."""
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
