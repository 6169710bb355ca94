"""`Api`: the operations that an app offers, read from its manifest (components: source/reader/openapi.py)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from pulumi_flyte_review.contracts.json_types import Schema
from pulumi_flyte_review.contracts.schemas import Schemas
from pulumi_flyte_review.contracts.templates import PathTemplate
from pulumi_flyte_review.model.preview import Json

# A schema for each media type. The media type of JSON is `json`.
Content: TypeAlias = Mapping[str, Schema]
_REQUIRED = "!"


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of an operation. where: `path`, `query`, `header` or `cookie`."""

    where: str
    name: str
    is_required: bool
    schema: Schema

    @property
    def key(self) -> tuple[str, str]:
        """The place and the name, which are one parameter's."""
        return self.where, self.name


@dataclass(frozen=True, slots=True)
class Operation:
    """An operation of an API. body: None for one that takes none. responses: by status."""

    method: str
    path: PathTemplate
    parameters: tuple[Parameter, ...] = ()
    body: Content | None = None
    needs_body: bool = False
    responses: Mapping[str, Content] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    def path_parameters(self) -> list[Parameter]:
        """Return the parameters of the path, in their order in it."""
        by_name = {each.name: each for each in self.parameters if each.where == "path"}
        return [by_name.get(name, Parameter("path", name, True, {})) for name in self.path.names]


@dataclass(frozen=True, slots=True)
class Api:
    """The operations of an app, and the schemas that they refer to."""

    operations: tuple[Operation, ...]
    schemas: Schemas

    @classmethod
    def parse(cls, document: Mapping[str, Json]) -> Api:
        """Read the API of a manifest."""
        operations, schemas = _mapping(document.get("operations")), _mapping(document.get("schemas"))
        parsed = tuple(_operation(place, _mapping(part)) for place, part in operations.items())
        return cls(parsed, Schemas({name: _mapping(schema) for name, schema in schemas.items()}))


def _operation(place: str, document: Mapping[str, Json]) -> Operation:
    method, _, path = place.partition(" ")
    bodies = [key for key in (f"body{_REQUIRED}", "body") if key in document]
    responses = _mapping(document.get("responses"))
    return Operation(
        method,
        PathTemplate(path),
        tuple(_parameter(key, _mapping(schema)) for key, schema in _mapping(document.get("parameters")).items()),
        _content(document[bodies[0]]) if bodies else None,
        bool(bodies) and bodies[0].endswith(_REQUIRED),
        {status: _content(content) for status, content in responses.items()},
    )


def _parameter(key: str, schema: Schema) -> Parameter:
    where, _, name = key.partition(" ")
    return Parameter(where, name.removesuffix(_REQUIRED), name.endswith(_REQUIRED), schema)


def _content(part: Json) -> Content:
    return {media: _mapping(schema) for media, schema in _mapping(part).items()}


def _mapping(value: Json) -> Mapping[str, Json]:
    return value if isinstance(value, Mapping) else {}
