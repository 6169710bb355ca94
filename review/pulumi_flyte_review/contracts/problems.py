"""`Problem`: why a call is answered otherwise, in words. Sentences for differences of schemas, in both directions."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from pulumi_flyte_review.contracts.limits import Difference
from pulumi_flyte_review.model.preview import Json


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """A reason why a call gets another answer.

    is_certain: False if it depends on a part of the call that is not known.
    """

    text: str
    is_certain: bool = True


def sent_problem(subject: str, difference: Difference) -> str:
    """Return why a value that is sent may no longer be taken. subject: such as `query parameter q`."""
    what = subject_of(subject, difference.path)
    rule, old, new = difference.rule, difference.wide, difference.narrow
    if rule in ("missing", "required"):
        return f"{what} is required now"
    if rule == "closed":
        return f"{what} is no longer taken"
    if rule == "type":
        return f"{what} takes {listed(new)} instead of {listed(old)}"
    if rule == "enum":
        return (
            f"{what} no longer takes {shown(old)}"
            if old is not None
            else f"{what} takes {listed(new, plain=False)} only"
        )
    return f"{what} has the {_LIMITS.get(rule, rule)} {shown(new)} instead of {_limit(old)}"


def answered_problem(subject: str, difference: Difference) -> str:
    """Return how a value of the response may be another one than before. `wide` is the new schema here."""
    what = subject_of(subject, difference.path)
    rule, new, old = difference.rule, difference.wide, difference.narrow
    if rule in ("missing", "required"):
        return f"{what} is gone from the response" if rule == "missing" else f"{what} may be missing from the response"
    if rule == "closed":
        return f"{what} is new in the response"
    if rule == "type":
        return f"{what} may be null" if new == "null" else f"{what} may be {listed(new)} instead of {listed(old)}"
    if rule == "enum":
        return (
            f"{what} may be {shown(new)}"
            if new is not None
            else f"{what} may be another value than {listed(old, plain=False)}"
        )
    return f"{what} has the {_LIMITS.get(rule, rule)} {_limit(new)} instead of {shown(old)}"


def subject_of(subject: str, path: Sequence[str]) -> str:
    """Return the name of a part of a value, such as `body field lines[].id`."""
    name = ""
    for part in path:
        name += part if part.startswith("[") or not name else f".{part}"
    return f"{subject}{name}" if name.startswith("[") else f"{subject} field {name}" if name else subject


_LIMITS = {
    "minimum": "minimum",
    "maximum": "maximum",
    "minLength": "shortest length",
    "maxLength": "longest length",
    "minItems": "smallest number of elements",
    "maxItems": "largest number of elements",
    "multipleOf": "step",
    "uniqueItems": "rule that elements are unique:",
}
_TYPES = {
    "integer": "an integer",
    "number": "a number",
    "string": "a string",
    "boolean": "true or false",
    "array": "a list",
    "object": "an object",
    "null": "null",
    "anything": "anything",
}
_MOST = 6


def listed(values: Json, *, plain: bool = True) -> str:
    """Return types or values as a list in words."""
    several = values if isinstance(values, Sequence) and not isinstance(values, str) else [values]
    words = [_TYPES.get(str(each), str(each)) if plain else shown(each) for each in several]
    if len(words) > _MOST:
        words = [*words[:_MOST], f"{len(words) - _MOST} more"]
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}" if words else "nothing"


def shown(value: Json) -> str:
    """Return a plain value as JSON has it."""
    return json.dumps(value, ensure_ascii=False)


def _limit(value: Json) -> str:
    return "none" if value is None else shown(value)
