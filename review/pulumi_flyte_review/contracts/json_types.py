"""Types and lists of JSON, as JSON schemas name them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

from pulumi_flyte_review.model.preview import Json

Schema: TypeAlias = Mapping[str, Json]


def is_kind(kind: str | None, other: str) -> bool:
    """Return whether a value of one type is one of another type, too."""
    return kind == other or (kind == "integer" and other == "number")


def type_of(value: Json) -> str:
    """Return the type of a value in JSON schema."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int) or (isinstance(value, float) and value.is_integer()):
        return "integer"
    if isinstance(value, float):
        return "number"
    if isinstance(value, str):
        return "string"
    return "object" if isinstance(value, Mapping) else "array"


def schemas_in(value: Json) -> list[Schema]:
    """Return the schemas of a list of them."""
    return [each for each in values_in(value) if isinstance(each, Mapping)]


def values_in(value: Json) -> Sequence[Json]:
    """Return the items of a list, or none for any other value."""
    return value if isinstance(value, Sequence) and not isinstance(value, str) else ()
