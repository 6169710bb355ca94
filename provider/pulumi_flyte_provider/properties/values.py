"""Decoded property values: plain values, `Secret`s, and `UNKNOWN` for values that only `up` will know."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final


class Unknown:
    """A value that only `up` will know."""

    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN: Final = Unknown()


@dataclass(frozen=True)
class Secret:
    """A secret value. State encrypts it, and it is never printed."""

    value: Any = field(repr=False)

    def __str__(self) -> str:
        return "***"


# Values by the names of the schema: a text, a number, a boolean, a list or a mapping, a `Secret` of one, or `UNKNOWN`.
Properties = dict[str, Any]


def reveal(value: Any) -> Any:
    """Return the value without `Secret` wrappers, for code that never prints it."""
    if isinstance(value, Secret):
        return reveal(value.value)
    if isinstance(value, dict):
        return {key: reveal(item) for key, item in value.items()}
    if isinstance(value, list):
        return [reveal(item) for item in value]
    return value


def conceal(value: Any, like: Any) -> Any:
    """Return `value` with `Secret` wrappers at the same places as in `like`. Read must restore them."""
    if isinstance(like, Secret):
        return None if value is None else Secret(value)
    if isinstance(value, dict) and isinstance(like, dict):
        return {key: conceal(item, like.get(key)) for key, item in value.items()}
    if isinstance(value, list) and isinstance(like, list):
        padded = like + [None] * (len(value) - len(like))
        return [conceal(item, before) for item, before in zip(value, padded, strict=False)]
    return value


def has_unknown(value: Any) -> bool:
    """Check whether any part of the value is unknown until `up`."""
    if value is UNKNOWN:
        return True
    if isinstance(value, Secret):
        return has_unknown(value.value)
    if isinstance(value, dict):
        return any(has_unknown(item) for item in value.values())
    return isinstance(value, list) and any(has_unknown(item) for item in value)


def without_nones(properties: Properties) -> Properties:
    """Return the properties that have a value."""
    return {key: value for key, value in properties.items() if value is not None}
