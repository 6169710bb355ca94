"""Editors see full types of the package, without `Any`."""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Iterator
from typing import Any, get_args, get_type_hints, is_typeddict

import pulumi
import pulumi_flyte
import pytest
from pulumi_flyte import api, local
from pulumi_flyte.engine.resource import Attribute

PUBLIC = {name: getattr(pulumi_flyte, name) for name in pulumi_flyte.__all__}
# `pulumi.Input` has a forward reference to an Output of a type variable.
NAMES = {**PUBLIC, "pulumi": pulumi, "Output": pulumi.Output, "T": object}
MODULES = {"pulumi_flyte": pulumi_flyte.__all__, "api": vars(api), "local": vars(local)}
PLACES = {"pulumi_flyte": pulumi_flyte, "api": api, "local": local}
THINGS = {
    f"{module}.{name}": value
    for module, names in MODULES.items()
    for name in names
    if getattr(value := getattr(PLACES[module], name), "__module__", "").startswith("pulumi_flyte")
}


def contains_any(annotation: Any) -> bool:
    return annotation is Any or any(contains_any(item) for item in get_args(annotation))


def hints(value: Any) -> dict[str, Any]:
    return get_type_hints(value, localns=NAMES)


def public_annotations(value: Any) -> Iterator[tuple[str, Any]]:
    """Every public annotation: of arguments and results, properties, fields, and outputs of resources."""
    if not inspect.isclass(value):
        if callable(value):
            yield from hints(value).items()
        return
    if is_typeddict(value) or dataclasses.is_dataclass(value):
        yield from hints(value).items()
    for kind in inspect.getmro(value):
        if not kind.__module__.startswith("pulumi_flyte"):
            continue
        for name, member in vars(kind).items():
            if name.startswith("_") and name != "__init__":
                continue
            if isinstance(member, property):
                yield name, hints(member.fget)["return"]
            elif isinstance(member, Attribute):
                yield name, member.__orig_class__  # type: ignore[attr-defined]
            elif inspect.isfunction(plain := getattr(member, "__func__", member)):
                assert set(hints(plain)) >= set(inspect.signature(plain).parameters) - {"self", "cls"}, name
                yield from ((f"{name}({key})", hint) for key, hint in hints(plain).items())


@pytest.mark.parametrize("name", sorted(THINGS))
def test_no_public_annotation_is_any(name: str) -> None:
    assert [where for where, annotation in public_annotations(THINGS[name]) if contains_any(annotation)] == []


@pytest.mark.parametrize("name", ["WorkloadInput", "WorkloadReference", "WorkloadSecret", "EnvironmentArgument"])
def test_no_reference_is_any(name: str) -> None:
    holder = type("Holder", (), {"__annotations__": {"value": getattr(pulumi_flyte, name)}})
    assert not contains_any(hints(holder)["value"])
