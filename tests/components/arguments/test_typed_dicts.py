"""A mapping and the value that equals it: their keys and types agree, so that either form is checked in an editor."""

from __future__ import annotations

import dataclasses
from typing import Any, get_origin, get_type_hints

import pulumi_flyte
import pytest
from typing_extensions import NotRequired

VALUES = (
    *("AppDomain", "Cluster", "ConsoleLink", "Health", "Image", "Kubernetes", "Resources"),
    *("Scaling", "TaskInterface", "Timeouts", "Toleration", "Trigger"),
)


def types_of(value: type) -> dict[str, Any]:
    hints = get_type_hints(value)
    return {field.name: hints[field.name] for field in dataclasses.fields(value)}


@pytest.mark.parametrize("name", VALUES)
def test_a_mapping_has_the_keys_and_types_of_its_value(name: str) -> None:
    value, mapping = getattr(pulumi_flyte, name), getattr(pulumi_flyte, f"{name}Dict")
    assert get_type_hints(mapping) == types_of(value)


@pytest.mark.parametrize("name", VALUES)
def test_a_mapping_requires_what_its_value_requires(name: str) -> None:
    value, mapping = getattr(pulumi_flyte, name), getattr(pulumi_flyte, f"{name}Dict")
    hints = get_type_hints(mapping, include_extras=True)
    optional = {key for key, hint in hints.items() if get_origin(hint) is NotRequired or not mapping.__total__}
    with_default = {field.name for field in dataclasses.fields(value) if field.default is not dataclasses.MISSING}
    assert optional == with_default
