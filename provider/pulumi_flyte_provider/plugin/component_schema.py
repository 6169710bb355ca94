"""The schema of the components, made from the declarations of their arguments and the outputs of their classes."""

from __future__ import annotations

import importlib
import inspect
from typing import TYPE_CHECKING, Any

from pulumi_flyte.naming.casing import camel

if TYPE_CHECKING:
    from pulumi_flyte.arguments.declaration import Declaration

    from pulumi_flyte_provider.plugin.type_schema import Schema, Types

TOKENS = tuple(f"flyte:index:{name}" for name in ("App", "Task", "Secret", "Environment"))


def component_class(token: str) -> Any:
    """Return the class of a component."""
    name = token.rpartition(":")[2]
    return getattr(importlib.import_module(f"pulumi_flyte.{name.lower()}"), name)


def arguments_of(token: str) -> type[Declaration]:
    """Return the declaration of a component's arguments."""
    name = token.rpartition(":")[2]
    declaration: type[Declaration] = getattr(
        importlib.import_module(f"pulumi_flyte.arguments.{name.lower()}"), f"{name}Arguments"
    )
    return declaration


def outputs(token: str) -> list[str]:
    """Return the names of a component's outputs. An unknown component has none."""
    if token not in TOKENS:
        return []
    return [name for name, value in vars(component_class(token)).items() if isinstance(value, property)]


def resource(token: str, types: Types) -> Schema:
    """Return the schema of a component."""
    # Most runs of the plugin make no schema.
    from pulumi_flyte_provider.plugin.type_schema import hints_of, output_type

    arguments, component = arguments_of(token), component_class(token)
    properties = {}
    for name in outputs(token):
        getter = getattr(component, name).fget
        kind = types.of(output_type(hints_of(getter)["return"]))
        properties[camel(name)] = {**kind, "description": " ".join((inspect.getdoc(getter) or "").split())}
    return {
        "isComponent": True,
        "description": inspect.cleandoc(arguments.__doc__ or ""),
        "inputProperties": types.properties(arguments),
        "requiredInputs": types.required(arguments),
        "properties": properties,
        "required": sorted(properties),
    }
