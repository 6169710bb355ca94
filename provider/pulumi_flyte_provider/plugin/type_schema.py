"""Converts Python types to types of the package schema, with the object types and enums that they refer to.

Object types are shapes of resources, declarations of arguments, and `TypedDict`s. Shapes of resources are in the module
`api` of the package. All others are in `index`.
"""

from __future__ import annotations

import inspect
import types
from collections.abc import Awaitable, Iterator, Mapping, Sequence
from dataclasses import is_dataclass
from datetime import date, timedelta
from functools import cache
from typing import Annotated, Any, ForwardRef, Literal, Union, get_args, get_origin, get_type_hints, is_typeddict

import pulumi
import pulumi_flyte
from pulumi_flyte.arguments.declaration import Declaration, Named, Property, fields_of
from typing_extensions import NotRequired, Required

from pulumi_flyte_provider.properties.shape import Shape

Schema = dict[str, Any]

_PRIMITIVES: dict[Any, Schema] = {
    str: {"type": "string"},
    int: {"type": "integer"},
    float: {"type": "number"},
    bool: {"type": "boolean"},
    Any: {"$ref": "pulumi.json#/Any"},
    object: {"$ref": "pulumi.json#/Any"},
}
# Types that only a Python program can use, or that every property of the schema accepts anyway.
_PYTHON_ONLY = (Awaitable, pulumi.Output, timedelta, date, type(None))


class Types:
    """A collection of the object types that properties refer to. `collected` has them by token."""

    def __init__(self) -> None:
        self.collected: dict[str, Schema] = {}

    def properties(self, kind: type) -> dict[str, Schema]:
        """Return the properties of an object."""
        properties = {}
        for name, annotation, about, _ in _fields(kind):
            schema = {**self.of(annotation), **_const(annotation), "description": _text(about)}
            properties[name] = {**schema, **({"secret": True} if about.secret else {})}
        return properties

    def required(self, kind: type) -> list[str]:
        """Return the names of the properties that an object must have."""
        return sorted(name for name, _, _, required in _fields(kind) if required)

    def of(self, annotation: Any) -> Schema:
        """Return the schema of a type."""
        origin, arguments = get_origin(annotation), get_args(annotation)
        if origin is Annotated:
            public = next((item for item in arguments[1:] if isinstance(item, Named)), None)
            return self.of(arguments[0] if public is None else _public_type(public.name))
        if origin in (NotRequired, Required):
            return self.of(arguments[0])
        if origin in (Union, types.UnionType):
            return _one_of(self.of(item) for item in arguments if not _is_left_out(item))
        if origin is Literal:
            return {"type": "string"} if len(arguments) == 1 else self._enum(annotation)
        if origin is tuple:
            return {"type": "array", "items": _one_of(self.of(item) for item in arguments)}
        if origin in (list, Sequence):
            return {"type": "array", "items": self.of(arguments[0])}
        if origin in (dict, Mapping):
            return {"type": "object", "additionalProperties": self.of(arguments[1])}
        if isinstance(annotation, type):
            return self._of_class(annotation)
        # A forward reference remains if a type contains itself, as the type of plain values does.
        return dict(_PRIMITIVES[Any if isinstance(annotation, ForwardRef) else annotation])

    def _enum(self, annotation: Any) -> Schema:
        name = next((name for name, value in _public_names().items() if value == annotation), None)
        if name is None:
            return {"type": "string"}
        values = get_args(annotation)
        self.collected[f"flyte:index:{name}"] = {
            "type": "string",
            "description": f"One of {', '.join(f'`{value}`' for value in values)}.",
            "enum": [{"name": value.capitalize(), "value": value} for value in values],
        }
        return {"$ref": f"#/types/flyte:index:{name}"}

    def _of_class(self, kind: type) -> Schema:
        if issubclass(kind, pulumi.ComponentResource):
            kinds = kind.__subclasses__() or [kind]  # a Workload is an App or a Task
            return _one_of({"$ref": f"#/resources/flyte:index:{each.__name__}"} for each in kinds)
        if issubclass(kind, Declaration):
            shorthands = [self.of(item) for item in kind.shorthands if item not in _PYTHON_ONLY]
            return _one_of([*shorthands, self._reference(kind, "index")])
        if issubclass(kind, Shape):
            return self._reference(kind, "api")
        if not is_typeddict(kind):
            return dict(_PRIMITIVES[kind])
        value = _class_of(kind)
        return self._of_class(value) if issubclass(value, Declaration) else self._reference(kind, "index")

    def _reference(self, kind: type, module: str) -> Schema:
        token = f"flyte:{module}:{kind.__name__.removesuffix('Dict')}"
        if token not in self.collected:
            self.collected[token] = {}  # a type may refer to itself
            self.collected[token] = {
                "type": "object",
                "description": inspect.cleandoc(_class_of(kind).__doc__ or ""),
                "properties": self.properties(kind),
                "required": self.required(kind),
            }
        return {"$ref": f"#/types/{token}"}


def output_type(annotation: Any) -> Any:
    """Return the type of the value of an output."""
    return get_args(annotation)[0] if get_origin(annotation) is pulumi.Output else annotation


def hints_of(kind: Any) -> dict[str, Any]:
    """Return the types of attributes, or of a function's arguments and result. It also resolves names that a module
    imports only for type checkers."""
    return get_type_hints(kind, localns=_public_names(), include_extras=True)


@cache
def _public_names() -> dict[str, Any]:
    names = {name: getattr(pulumi_flyte, name) for name in pulumi_flyte.__all__}
    # pulumi.Input has a forward reference to an Output of a type variable.
    return {**names, "pulumi": pulumi, "Output": pulumi.Output, "T": Any}


def _fields(kind: type) -> Iterator[tuple[str, Any, Property, bool]]:
    """Yield the name, the type, the `Property`, and the required flag of each property of an object."""
    if issubclass(kind, Shape):
        for shape_field in kind.model_fields.values():
            extra = shape_field.json_schema_extra
            secret = isinstance(extra, dict) and extra.get("secret") is True
            about = Property(shape_field.description or "", secret=secret)
            yield str(shape_field.alias), shape_field.annotation, about, shape_field.is_required()
    elif is_dataclass(kind):
        for field in fields_of(kind).values():
            yield field.alias, field.annotation, field.about, field.required
    else:
        for name, hint in hints_of(kind).items():
            annotated = get_args(hint)[0] if get_origin(hint) is NotRequired else hint
            about = next(item for item in get_args(annotated)[1:] if isinstance(item, Property))
            yield name, annotated, about, annotated is hint


def _class_of(kind: type) -> type:
    """Return the class that describes an object. For a mapping, it is the dataclass with the same fields."""
    value = getattr(pulumi_flyte, kind.__name__.removesuffix("Dict"), None) if is_typeddict(kind) else None
    return value if isinstance(value, type) and is_dataclass(value) else kind


def _public_type(name: str) -> Any:
    """Return a public type of the package by its name."""
    return hints_of(types.SimpleNamespace(__annotations__={"type": getattr(pulumi_flyte, name)}))["type"]


def _is_left_out(item: Any) -> bool:
    """Check whether a member of a union is left out of the schema. A dataclass with a mapping appears only once."""
    kind = get_origin(item) or item
    is_value = isinstance(kind, type) and is_dataclass(kind) and not issubclass(kind, Declaration)
    return kind in _PYTHON_ONLY or is_value


def _const(annotation: Any) -> Schema:
    while get_origin(annotation) in (Annotated, NotRequired):
        annotation = get_args(annotation)[0]
    values = get_args(annotation) if get_origin(annotation) is Literal else ()
    return {"const": values[0]} if len(values) == 1 else {}


def _one_of(schemas: Any) -> Schema:
    flat: list[Schema] = []
    for schema in schemas:
        flat += [item for item in schema.get("oneOf", [schema]) if item not in flat]
    if {"type": "number"} in flat and {"type": "integer"} in flat:
        flat.remove({"type": "integer"})
    if any(item.get("$ref") == "pulumi.json#/Any" for item in flat):
        return {"$ref": "pulumi.json#/Any"}
    return flat[0] if len(flat) == 1 else {"oneOf": flat}


def _text(about: Property) -> str:
    """Return the description with the default. A default in the schema would be sent as if the user had set it."""
    if about.default is None:
        return about.text
    default = str(about.default).lower() if isinstance(about.default, bool) else about.default
    return f"{about.text.rstrip('.')}; by default `{default}`."
