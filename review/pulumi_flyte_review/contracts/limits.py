"""Limits of a type: the values of an enumeration, lengths, ranges, patterns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from pulumi_flyte_review.contracts.json_types import Schema, values_in
from pulumi_flyte_review.model.preview import Json

Path: TypeAlias = tuple[str, ...]

_LOWEST = (("minimum", "exclusiveMinimum"), ("minLength", None), ("minItems", None), ("minProperties", None))
_HIGHEST = (("maximum", "exclusiveMaximum"), ("maxLength", None), ("maxItems", None), ("maxProperties", None))


@dataclass(frozen=True, slots=True)
class Difference:
    """A place where a value of one schema is not valid under the other.

    rule: `type`, `enum`, `missing` (a property that `wide` does not know has to be there), `required` (a property that
    `wide` knows has to be there), `closed` (a property may not be there), or the keyword of a limit.
    wide, narrow: what both schemas say there: types, values, limits.
    """

    path: Path
    rule: str
    wide: Json = None
    narrow: Json = None


def limits(wide: Schema, narrow: Schema) -> list[Difference]:
    """Return the limits of a type that a value of `wide` may not keep."""
    problems: list[Difference] = []
    if "enum" in narrow:
        if "enum" not in wide:
            problems.append(Difference((), "enum", None, tuple(values_in(narrow["enum"]))))
        else:
            gone = [value for value in values_in(wide["enum"]) if value not in values_in(narrow["enum"])]
            problems += [Difference((), "enum", value) for value in gone]
        return problems
    if "enum" in wide:
        gone = [value for value in values_in(wide["enum"]) if not fits(value, narrow)]
        return [Difference((), "enum", value) for value in gone]
    for pairs, sign in ((_LOWEST, 1), (_HIGHEST, -1)):
        for keyword, exclusive in pairs:
            limit, wide_limit = _limit(narrow, keyword, exclusive, sign), _limit(wide, keyword, exclusive, sign)
            if limit is not None and (wide_limit is None or wide_limit < limit):
                problems.append(
                    Difference((), keyword, _shown(wide, keyword, exclusive), _shown(narrow, keyword, exclusive))
                )
    for keyword in ("pattern", "format", "multipleOf", "uniqueItems"):
        if narrow.get(keyword) not in (None, False) and wide.get(keyword) != narrow[keyword]:
            problems.append(Difference((), keyword, wide.get(keyword), narrow[keyword]))
    return problems


def _limit(schema: Schema, keyword: str, exclusive: str | None, sign: int) -> tuple[float, bool] | None:
    """Return a limit so that the larger of two is the stricter one."""
    limits = []
    for name, is_exclusive in ((keyword, False), (exclusive, True)):
        value = schema.get(name) if name else None
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            whole = is_exclusive and schema.get("type") == "integer" and float(value).is_integer()
            limits.append((sign * value + 1.0, False) if whole else (float(sign * value), is_exclusive))
    return max(limits, default=None)


def _shown(schema: Schema, keyword: str, exclusive: str | None) -> Json:
    return schema.get(keyword, schema.get(exclusive) if exclusive else None)


def fits(value: Json, schema: Schema) -> bool:
    """Return whether a value of the right type is within the limits of a schema without alternatives."""
    if "enum" in schema and value not in values_in(schema["enum"]):
        return False
    measure: float | None = None
    if isinstance(value, str):
        measure, names = float(len(value)), ("minLength", "maxLength")
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        measure, names = float(value), ("minimum", "maximum")
    if measure is None:
        return True
    lowest = _limit(schema, names[0], "exclusiveMinimum", 1)
    highest = _limit(schema, names[1], "exclusiveMaximum", -1)
    return _is_past(measure, lowest) and _is_past(-measure, highest)


def _is_past(measure: float, limit: tuple[float, bool] | None) -> bool:
    if limit is None:
        return True
    return measure > limit[0] if limit[1] else measure >= limit[0]
