"""Values that may contain Outputs. What is plain stays plain, so that names and URLs are known in every preview."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import pulumi

T = TypeVar("T")
# A text, known now or later.
Text = str | pulumi.Output[str]
_PLAIN = (str, int, float)


def has_outputs(value: Any) -> bool:
    """Return whether an Output is anywhere inside."""
    if value is None or isinstance(value, _PLAIN):  # most of what is looked at: told apart first
        return False
    if isinstance(value, pulumi.Output):
        return True
    if isinstance(value, Mapping):
        return any(has_outputs(item) for item in value.values())
    if isinstance(value, (list, tuple)):
        return any(has_outputs(item) for item in value)
    return False


def output_of(value: T) -> pulumi.Output[T]:
    """Return a value as an Output. Outputs inside of it become part of the one."""
    output: pulumi.Output[T] = pulumi.Output.from_input(value)
    return output


def lift(function: Callable[[Any], T], value: Any) -> T | pulumi.Output[T]:
    """Apply `function` at once if `value` is plain, otherwise when its Outputs are known."""
    if has_outputs(value):
        return pulumi.Output.from_input(value).apply(function)
    return function(value)
