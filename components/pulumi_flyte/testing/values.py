"""Values of a declared resource, as a test compares them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import pulumi
from pulumi.output import Unknown as PulumiUnknown
from pulumi.runtime import rpc

from pulumi_flyte.notation.engine_marks import SECRET_SIGNATURE, SIGNATURE
from pulumi_flyte.notation.property_paths import PathEndError, follow


@dataclass(frozen=True, slots=True)
class SecretValue:
    """A secret. It shows its value to nobody who does not call `reveal`, and a failed assertion prints `***`."""

    _value: Value = field(repr=False)

    def reveal(self) -> Value:
        """Return the value."""
        return self._value

    def __repr__(self) -> str:
        return "***"


class Unknown:
    """A value that a preview does not know. There is one, UNKNOWN."""

    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN = Unknown()

Value: TypeAlias = (
    "str | int | float | bool | SecretValue | Unknown | pulumi.Asset | pulumi.Archive | pulumi.Resource"
    " | Sequence[Value] | Mapping[str, Value] | None"
)


def value_of(property_value: Any) -> Value:
    """Return a property as Pulumi's SDK deserialises it, with secrets and unknown values as types of their own."""
    if isinstance(property_value, PulumiUnknown):
        return UNKNOWN
    if rpc.is_rpc_secret(property_value):
        return SecretValue(value_of(rpc.unwrap_rpc_secret(property_value)))
    if isinstance(property_value, Mapping):
        return {str(key): value_of(item) for key, item in property_value.items()}
    if isinstance(property_value, list):
        return [value_of(item) for item in property_value]
    if isinstance(property_value, float) and property_value.is_integer():
        return int(property_value)  # numbers cross the engine as floats
    value: Value = property_value
    return value


def property_of(value: object, place: str) -> object:
    """Return a value of a test as Pulumi's SDK serialises it: the reverse of `value_of`.

    place: names the value in a message. Raises TypeError for an Output, which belongs to the run that made it.
    """
    if isinstance(value, pulumi.Output):
        raise TypeError(f"{place} is an Output, and a test has values: give the value, or SecretValue(…) for a secret")
    if isinstance(value, Unknown):
        return rpc.UNKNOWN
    if isinstance(value, SecretValue):
        return {SIGNATURE: SECRET_SIGNATURE, "value": property_of(value.reveal(), place)}
    if isinstance(value, Mapping):
        return {str(key): property_of(item, f"{place}[{key!r}]") for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [property_of(item, f"{place}[{index}]") for index, item in enumerate(value)]
    return value


def has_secret(value: object) -> bool:
    """Return whether a secret is in a value of `property_of`."""
    if rpc.is_rpc_secret(value):
        return True
    if isinstance(value, Mapping):
        return any(map(has_secret, value.values()))
    return isinstance(value, list) and any(map(has_secret, value))


def at(values: Mapping[str, Value], path: str, owner: str) -> Value:
    """Return the value at a property path, such as `env.RESIZE` or `secrets[0].key`. Raises KeyError that says where
    the path ends."""
    try:
        return follow(values, path)
    except PathEndError as end:
        if isinstance(end.value, SecretValue):
            raise KeyError(f"{owner}: {end.reached} is a secret: call reveal() on it") from None
        raise KeyError(f"{owner} has no {path!r}: {end}") from None
