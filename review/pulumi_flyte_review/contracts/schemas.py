"""`Schemas` and `Side`: the meaning of a JSON schema. The keywords are those that pydantic and FastAPI write."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from pulumi_flyte_review.contracts.json_types import Schema, is_kind, schemas_in, type_of, values_in
from pulumi_flyte_review.contracts.limits import fits
from pulumi_flyte_review.model.preview import Json

_ANYTHING: Schema = {}
_DEEPEST = 24


class Schemas:
    """The schemas of a document by name."""

    def __init__(self, by_name: Mapping[str, Schema]) -> None:
        self._by_name = by_name
        self._alternatives: dict[int, tuple[Schema, tuple[Schema, ...]]] = {}

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Schemas) and self._by_name == other._by_name

    __hash__ = None  # type: ignore[assignment]

    def by_name(self) -> Mapping[str, Schema]:
        """Return the schemas by name."""
        return self._by_name

    def alternatives(self, schema: Schema) -> tuple[Schema, ...]:
        """Return the schemas of which a value has to have one. Each has one type, or allows anything."""
        remembered = self._alternatives.get(id(schema))
        if remembered is None or remembered[0] is not schema:
            remembered = self._alternatives[id(schema)] = (schema, tuple(self._split(schema, 0)))
        return remembered[1]

    def _split(self, schema: Schema, depth: int) -> Iterator[Schema]:
        if depth > _DEEPEST:
            yield _ANYTHING
            return
        reference = schema.get("$ref")
        if isinstance(reference, str):
            yield from self._split(self._by_name.get(reference, _ANYTHING), depth + 1)
            return
        for keyword in ("anyOf", "oneOf"):
            if keyword in schema:
                siblings = {key: value for key, value in schema.items() if key != keyword}
                for part in schemas_in(schema[keyword]):
                    for alternative in self._split(part, depth + 1):
                        yield from self._split(_both(siblings, alternative), depth + 1) if siblings else (alternative,)
                return
        if "allOf" in schema:
            merged: Schema = {key: value for key, value in schema.items() if key != "allOf"}
            for part in schemas_in(schema["allOf"]):
                parts = list(self._split(part, depth + 1))
                merged = _both(merged, parts[0] if len(parts) == 1 else _ANYTHING)
            yield from self._split(merged, depth + 1)
            return
        yield from _by_type(schema)


def references(value: Json) -> Iterator[str]:
    """Yield the names of the schemas that a schema refers to."""
    if isinstance(value, Mapping):
        reference = value.get("$ref")
        if isinstance(reference, str):
            yield reference
        for each in value.values():
            yield from references(each)
    elif isinstance(value, (list, tuple)):
        for each in value:
            yield from references(each)


def changed_schemas(old: Schemas, new: Schemas) -> frozenset[str]:
    """Return the names of the schemas that are not the same in two documents, with those that refer to one."""
    before, after = old.by_name(), new.by_name()
    names = {*before, *after}
    changed = {name for name in names if before.get(name) != after.get(name)}
    users: dict[str, list[str]] = {}
    for user, schema in before.items():
        for name in references(schema):
            users.setdefault(name, []).append(user)
    waiting = list(changed)
    while waiting:
        further = set(users.get(waiting.pop(), ())) - changed
        changed |= further
        waiting += further
    return frozenset(changed)


def _by_type(schema: Schema) -> Iterator[Schema]:
    kind = schema.get("type")
    if schema.get("nullable") is True:
        yield {"type": "null"}
    if isinstance(kind, Sequence) and not isinstance(kind, str):
        for each in kind:
            yield {**schema, "type": each}
    elif kind is None and "enum" in schema:
        for name in sorted({type_of(value) for value in values_in(schema["enum"])}):
            yield {**schema, "type": name, "enum": [v for v in values_in(schema["enum"]) if type_of(v) == name]}
    elif kind is None and ("properties" in schema or "required" in schema):
        yield {**schema, "type": "object"}
    elif kind is None and "items" in schema:
        yield {**schema, "type": "array"}
    else:
        yield schema


def _both(first: Schema, second: Schema) -> Schema:
    """Return a schema for values of both, as far as one schema can say it."""
    merged = {**first, **second}
    for keyword in ("properties", "required"):
        one, other = first.get(keyword), second.get(keyword)
        if isinstance(one, Mapping) and isinstance(other, Mapping):
            merged[keyword] = {**one, **other}
        elif isinstance(one, Sequence) and isinstance(other, Sequence):
            merged[keyword] = [*one, *(each for each in other if each not in one)]
    return merged


@dataclass(frozen=True)
class Side:
    """A schema with the document that it is in."""

    schema: Schema
    schemas: Schemas

    @cached_property
    def alternatives(self) -> tuple[Side, ...]:
        """The schemas of which a value has to have one."""
        return tuple(Side(each, self.schemas) for each in self.schemas.alternatives(self.schema))

    @property
    def kind(self) -> str | None:
        """The type of an alternative. None: it allows anything."""
        kind = self.schema.get("type")
        return kind if isinstance(kind, str) else None

    @property
    def kinds(self) -> list[str]:
        """The types of the values, `anything` where every value is allowed."""
        return list(dict.fromkeys(each.kind or "anything" for each in self.alternatives))

    @property
    def required(self) -> list[str]:
        """The properties that an object has to have."""
        return [name for name in values_in(self.schema.get("required")) if isinstance(name, str)]

    def part(self, name: str) -> Side | None:
        """Return the schema of a property of an object, if it has one of its own."""
        properties = self.schema.get("properties")
        schema = properties.get(name) if isinstance(properties, Mapping) else None
        return Side(schema, self.schemas) if isinstance(schema, Mapping) else None

    @property
    def names(self) -> list[str]:
        """The properties of an object that have a schema of their own."""
        properties = self.schema.get("properties")
        return list(properties) if isinstance(properties, Mapping) else []

    @property
    def others(self) -> Side | None:
        """The schema of further properties of an object. None: it may have none."""
        others = self.schema.get("additionalProperties", True)
        if others is False:
            return None
        return Side(others if isinstance(others, Mapping) else _ANYTHING, self.schemas)

    @property
    def items(self) -> Side:
        """The schema of the elements of a list."""
        items = self.schema.get("items")
        return Side(items if isinstance(items, Mapping) else _ANYTHING, self.schemas)

    def takes(self, value: Json) -> bool:
        """Return whether a plain value is one of the schema's."""
        kind = type_of(value)
        return any(
            each.kind is None or (is_kind(kind, each.kind) and fits(value, each.schema)) for each in self.alternatives
        )


def union(sides: Sequence[Side]) -> Side | None:
    """Return the schema for a value of any of them, which are of one document."""
    if len(sides) < 2:
        return sides[0] if sides else None
    return Side({"anyOf": [side.schema for side in sides]}, sides[0].schemas)
