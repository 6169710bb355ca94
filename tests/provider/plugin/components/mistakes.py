"""Mistakes in programs of other languages, made from the schema: a wrong type, a missing property, a misspelt one."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SCHEMA = json.loads((Path(__file__).resolve().parents[4] / "sdk" / "schema.json").read_text())
PLACE = {"platform": "local", "project": "shop", "domain": "development", "localPort": 8480, "instance": 1}
# Arguments of each component that are right.
RIGHT: Mapping[str, Mapping[str, Any]] = {
    "App": {"environment": PLACE, "image": "i:1"},
    "Task": {"environment": PLACE, "image": "i:1", "command": ["go"], "interface": {"inputs": {}}},
    "Secret": {"environment": PLACE, "value": "v"},
    "Environment": {},
}
# A program takes these from a component or an output, and declares none of them itself.
MADE_BY_COMPONENTS = frozenset(
    {"AppLink", "TaskLink", "SecretLink", "StackLink", "ControlPlane", "EnvironmentSettings"}
)
CANDIDATES: tuple[Any, ...] = ("many", True, {"nothing": "here"}, ["a"], 7)


@dataclass(frozen=True)
class Mistake:
    """A component with one mistake. `path` leads to it, in the spelling of the schema."""

    component: str
    kind: str
    path: tuple[str, ...]
    inputs: Mapping[str, Any]

    @property
    def value(self) -> Any:
        """The wrong value. None for a property that is missing."""
        value: Any = self.inputs
        for name in self.path:
            value = value[int(name)] if isinstance(value, list) else value.get(name)
        return value

    def __str__(self) -> str:
        return f"{self.component}.{'.'.join(self.path)}: {self.kind}"


def mistakes() -> Iterator[Mistake]:
    """Return every mistake of the components."""
    for component, right in RIGHT.items():
        resource = SCHEMA["resources"][f"flyte:index:{component}"]
        for kind, path, value in wrong_members(resource["inputProperties"], resource["requiredInputs"]):
            inputs = {**right, path[0]: value}
            yield Mistake(component, kind, path, {key: each for key, each in inputs.items() if each is not None})


def wrong_members(properties: Mapping[str, Any], required: list[str]) -> Iterator[tuple[str, tuple[str, ...], Any]]:
    """Return each mistake in one of the properties: its kind, its path, and the value of the path's first property.

    A missing property has the value None.
    """
    for name, schema in properties.items():
        yield "wrong type", (name,), wrong_value(schema)
        if len(name) > 3:
            yield "misspelt", (f"{name[:-2]}{name[-1]}{name[-2]}x",), right_value(schema)
        for kind, path, value in wrong_parts(schema):
            yield kind, (name, *path), value
    for name in required:
        yield "missing", (name,), None


def wrong_parts(schema: Mapping[str, Any]) -> Iterator[tuple[str, tuple[str, ...], Any]]:
    """Return each mistake inside of a value."""
    if "items" in schema:
        for kind, path, value in wrong_parts(schema["items"]):
            yield kind, ("0", *path), [value]
    elif "additionalProperties" in schema:
        for kind, path, value in wrong_parts(schema["additionalProperties"]):
            yield kind, ("first", *path), {"first": value}
    elif "oneOf" in schema:
        objects = [each for each in schema["oneOf"] if object_type(each)]
        if len(objects) == 1:
            yield from wrong_parts(objects[0])
    elif (declared := object_type(schema)) is not None:
        complete = {name: right_value(declared["properties"][name]) for name in declared.get("required", [])}
        for kind, path, value in wrong_members(declared["properties"], declared.get("required", [])):
            members = {**complete, path[0]: value}
            yield kind, path, {key: each for key, each in members.items() if each is not None}


def object_type(schema: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Return the declaration of an object that a program writes itself, or None."""
    _, _, token = schema.get("$ref", "").partition("#/types/")
    declared: Mapping[str, Any] = SCHEMA["types"].get(token, {})
    return declared if "properties" in declared and token.rpartition(":")[2] not in MADE_BY_COMPONENTS else None


def accepted(schema: Mapping[str, Any]) -> set[str]:
    """Return the JSON types that a value may have."""
    if "oneOf" in schema:
        return set().union(*(accepted(each) for each in schema["oneOf"]))
    if "$ref" in schema:
        _, _, token = schema["$ref"].partition("#/types/")
        return {"string"} if "enum" in SCHEMA["types"].get(token, {}) else {"object"}
    # A text such as "7" is a number in a YAML program, and an app's variable may be one.
    return {schema["type"], "integer"} if schema["type"] in ("number", "string") else {schema["type"]}


def json_type(value: Any) -> str:
    return {str: "string", bool: "boolean", dict: "object", list: "array", int: "integer"}[type(value)]


def wrong_value(schema: Mapping[str, Any]) -> Any:
    """Return a value of another type."""
    return next(value for value in CANDIDATES if json_type(value) not in accepted(schema))


def right_value(schema: Mapping[str, Any]) -> Any:
    """Return a value of the right type."""
    types = accepted(schema)
    return next(value for value in ("a", 7, True, ["a"], {"a": "b"}) if json_type(value) in types)


def property_names() -> set[str]:
    """Return the name of every property of a component or of a value in it."""
    resources = (SCHEMA["resources"][f"flyte:index:{component}"]["inputProperties"] for component in RIGHT)
    types = (each.get("properties", {}) for token, each in SCHEMA["types"].items() if ":index:" in token)
    return {name for properties in (*resources, *types) for name in properties}
