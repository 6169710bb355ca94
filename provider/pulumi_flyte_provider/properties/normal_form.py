"""The normal form of inputs: two that mean the same to the platform are equal. Pure.

It is what Read would return for them, found by the same conversions: inputs to the API's message and back. Values that
only `up` knows are carried through as marked texts; where a message has no room for a text, the whole property counts
as unknown.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

from google.protobuf import json_format
from pydantic import ValidationError

from pulumi_flyte_provider.properties.codec import UNKNOWN, Tree, has_unknown, reveal
from pulumi_flyte_provider.properties.shape import S

_STAND_IN = "\x02unknown\x02"


def normal_form(tree: Tree, through: Callable[[Tree], Tree], beside: Collection[str]) -> Tree:
    """`through` turns inputs into a message and back; the properties in `beside` are not part of the message."""
    revealed = {key: value for key, value in reveal(tree).items() if value is not None}
    kept = {key: value for key, value in revealed.items() if key in beside or value is UNKNOWN}
    work = {key: _stand_in(value) for key, value in revealed.items() if key not in kept}
    while True:
        try:
            result = through(work)
            break
        except ValidationError as error:
            culprits = {str(detail["loc"][0]) for detail in error.errors() if detail["loc"]} & set(work)
        except (json_format.ParseError, ValueError, TypeError):
            culprits = set(work) & {"pod", "extra", "template", "inputs"} or set(work)
        for key in culprits or set(work):
            kept[key] = UNKNOWN if has_unknown(revealed[key]) else revealed[key]
            del work[key]
    return {**{key: _back(value) for key, value in result.items() if key not in kept}, **kept}


def keep_spelling(found: Tree, before: Tree, normal: Callable[[Tree], Tree], beside: Collection[str]) -> Tree:
    """Properties that mean what they meant keep the user's spelling, so that refresh shows drift only."""
    if not before:
        return found
    old, new = normal(before), normal(found)
    same = {key for key in {*old, *new} if old.get(key) == new.get(key)}
    kept = {key: value for key, value in found.items() if key not in same or key in beside}
    kept.update({key: value for key, value in before.items() if key in same and value is not None})
    return kept


def parse_known(shape: type[S], inputs: Tree, **required: Any) -> S:
    """The shape of what a platform returned. Properties that break our rules are taken out of `inputs`: the platform
    allows more than we do, and Read keeps what it cannot name elsewhere."""
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
