"""Schemas: whether every value of one JSON schema is a value of another one, and where not.

The keywords are those that pydantic and FastAPI write. A union is compared alternative by alternative.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TypeAlias

from pulumi_flyte_review.model.preview import Json

Schema: TypeAlias = Mapping[str, Json]
Path: TypeAlias = tuple[str, ...]

EACH = "[]"
ENTRY = "*"
_ANYTHING: Schema = {}
_DEEPEST = 24
_LOWEST = (("minimum", "exclusiveMinimum"), ("minLength", None), ("minItems", None), ("minProperties", None))
_HIGHEST = (("maximum", "exclusiveMaximum"), ("maxLength", None), ("maxItems", None), ("maxProperties", None))


class Schemas:
    """The schemas of a document by name."""

    def __init__(self, named: Mapping[str, Schema]) -> None:
        self._named = named
        self._alternatives: dict[int, tuple[Schema, tuple[Schema, ...]]] = {}

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Schemas) and self._named == other._named

    __hash__ = None  # type: ignore[assignment]

    def named(self) -> Mapping[str, Schema]:
        """Return the schemas by name."""
        return self._named

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
            yield from self._split(self._named.get(reference, _ANYTHING), depth + 1)
            return
        for keyword in ("anyOf", "oneOf"):
            if keyword in schema:
                rest = {key: value for key, value in schema.items() if key != keyword}
                for part in _schemas(schema[keyword]):
                    for alternative in self._split(part, depth + 1):
                        yield from self._split(_both(rest, alternative), depth + 1) if rest else (alternative,)
                return
        if "allOf" in schema:
            merged: Schema = {key: value for key, value in schema.items() if key != "allOf"}
            for part in _schemas(schema["allOf"]):
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
    before, after = old.named(), new.named()
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
        for name in sorted({_type_of(value) for value in _values(schema["enum"])}):
            yield {**schema, "type": name, "enum": [v for v in _values(schema["enum"]) if _type_of(v) == name]}
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


@dataclass(frozen=True, slots=True)
class Difference:
    """A place where a value of one schema is not valid under the other.

    rule: `type`, `enum`, `missing` (a property that `wide` does not know has to be there), `required` (a property that
    `wide` knows has to be there), `closed` (a property may not be there), or the keyword of a limit.
    wide, narrow: what both schemas say there: types, values, limits.
    """

    path: Path
    rule: str
    wide: Json = None
    narrow: Json = None


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
        return [name for name in _values(self.schema.get("required")) if isinstance(name, str)]

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
        kind = _type_of(value)
        return any(
            each.kind is None or (_is_kind(kind, each.kind) and _fits(value, each.schema)) for each in self.alternatives
        )


def union(sides: Sequence[Side]) -> Side | None:
    """Return the schema for a value of any of them, which are of one document."""
    if len(sides) < 2:
        return sides[0] if sides else None
    return Side({"anyOf": [side.schema for side in sides]}, sides[0].schemas)


def moved(difference: Difference, path: Path) -> Difference:
    """Return a difference as one of a larger value that has this one at a path."""
    return replace(difference, path=(*path, *difference.path))


def differences(wide: Side, narrow: Side) -> list[Difference]:
    """Return the places where a value of `wide` is not valid under `narrow`. The list is empty if all values are."""
    return list(dict.fromkeys(_Comparison().compare(wide, narrow)))


class _Comparison:
    """A comparison of two schemas, which compares each pair of parts once: schemas may contain themselves."""

    def __init__(self) -> None:
        self._results: dict[tuple[int, int], list[Difference]] = {}

    def compare(self, wide: Side, narrow: Side) -> list[Difference]:
        """Return the differences, with paths that begin here."""
        if wide.schema == narrow.schema and wide.schemas is narrow.schemas:
            return []
        problems: list[Difference] = []
        for one in wide.alternatives:
            candidates = [each for each in narrow.alternatives if each.kind is None or _is_kind(one.kind, each.kind)]
            if candidates:
                results = [self._alternative(one, candidate) for candidate in candidates]
                problems += sorted(results, key=len)[0]
            else:
                problems.append(Difference((), "type", one.kind or "anything", tuple(narrow.kinds)))
        return problems

    def _alternative(self, wide: Side, narrow: Side) -> list[Difference]:
        if narrow.kind is None:
            return []
        key = (id(wide.schema), id(narrow.schema))
        if key not in self._results:
            self._results[key] = []
            self._results[key] = self._same_type(wide, narrow)
        return self._results[key]

    def _same_type(self, wide: Side, narrow: Side) -> list[Difference]:
        problems = limits(wide.schema, narrow.schema)
        if narrow.kind == "array":
            problems += self._below(EACH, wide.items, narrow.items)
            for index, (one, other) in enumerate(_prefixes(wide, narrow)):
                problems += self._below(f"[{index}]", one, other)
        if narrow.kind == "object":
            problems += self._objects(wide, narrow)
        return problems

    def _objects(self, wide: Side, narrow: Side) -> list[Difference]:
        problems: list[Difference] = []
        for name in narrow.required:
            if name not in wide.required:
                rule = "required" if wide.part(name) is not None else "missing"
                problems.append(Difference((name,), rule))
        for name in wide.names:
            one, other = wide.part(name), narrow.part(name)
            assert one is not None
            if other is not None:
                problems += self._below(name, one, other)
            elif narrow.others is None:
                problems.append(Difference((name,), "closed"))
            else:
                problems += self._below(name, one, narrow.others)
        if wide.others is not None and "additionalProperties" in wide.schema and narrow.others is not None:
            problems += self._below(ENTRY, wide.others, narrow.others)
        return problems

    def _below(self, name: str, wide: Side, narrow: Side) -> list[Difference]:
        return [moved(each, (name,)) for each in self.compare(wide, narrow)]


def limits(wide: Schema, narrow: Schema) -> list[Difference]:
    """Return the limits of a type that a value of `wide` may not keep."""
    problems: list[Difference] = []
    if "enum" in narrow:
        if "enum" not in wide:
            problems.append(Difference((), "enum", None, tuple(_values(narrow["enum"]))))
        else:
            gone = [value for value in _values(wide["enum"]) if value not in _values(narrow["enum"])]
            problems += [Difference((), "enum", value) for value in gone]
        return problems
    if "enum" in wide:
        gone = [value for value in _values(wide["enum"]) if not _fits(value, narrow)]
        return [Difference((), "enum", value) for value in gone]
    for pairs, sign in ((_LOWEST, 1), (_HIGHEST, -1)):
        for keyword, exclusive in pairs:
            limit, theirs = _limit(narrow, keyword, exclusive, sign), _limit(wide, keyword, exclusive, sign)
            if limit is not None and (theirs is None or theirs < limit):
                problems.append(
                    Difference((), keyword, _shown(wide, keyword, exclusive), _shown(narrow, keyword, exclusive))
                )
    for keyword in ("pattern", "format", "multipleOf", "uniqueItems"):
        if narrow.get(keyword) not in (None, False) and wide.get(keyword) != narrow[keyword]:
            problems.append(Difference((), keyword, wide.get(keyword), narrow[keyword]))
    return problems


def _limit(schema: Schema, keyword: str, exclusive: str | None, sign: int) -> tuple[float, bool] | None:
    """Return a limit so that the larger of two is the stricter one."""
    limits = []
    for name, is_exclusive in ((keyword, False), (exclusive, True)):
        value = schema.get(name) if name else None
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            whole = is_exclusive and schema.get("type") == "integer" and float(value).is_integer()
            limits.append((sign * value + 1.0, False) if whole else (float(sign * value), is_exclusive))
    return max(limits, default=None)


def _shown(schema: Schema, keyword: str, exclusive: str | None) -> Json:
    return schema.get(keyword, schema.get(exclusive) if exclusive else None)


def _prefixes(wide: Side, narrow: Side) -> Iterator[tuple[Side, Side]]:
    ones, others = (_schemas(side.schema.get("prefixItems")) for side in (wide, narrow))
    for one, other in zip(ones, others, strict=False):
        yield Side(one, wide.schemas), Side(other, narrow.schemas)


def _fits(value: Json, schema: Schema) -> bool:
    """Return whether a value of the right type is within the limits of a schema without alternatives."""
    if "enum" in schema and value not in _values(schema["enum"]):
        return False
    measure: float | None = None
    if isinstance(value, str):
        measure, names = float(len(value)), ("minLength", "maxLength")
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        measure, names = float(value), ("minimum", "maximum")
    if measure is None:
        return True
    lowest = _limit(schema, names[0], "exclusiveMinimum", 1)
    highest = _limit(schema, names[1], "exclusiveMaximum", -1)
    return _is_past(measure, lowest) and _is_past(-measure, highest)


def _is_past(measure: float, limit: tuple[float, bool] | None) -> bool:
    if limit is None:
        return True
    return measure > limit[0] if limit[1] else measure >= limit[0]


def _is_kind(kind: str | None, other: str) -> bool:
    return kind == other or (kind == "integer" and other == "number")


def _type_of(value: Json) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int) or (isinstance(value, float) and value.is_integer()):
        return "integer"
    if isinstance(value, float):
        return "number"
    if isinstance(value, str):
        return "string"
    return "object" if isinstance(value, Mapping) else "array"


def _schemas(value: Json) -> list[Schema]:
    return [each for each in _values(value) if isinstance(each, Mapping)]


def _values(value: Json) -> Sequence[Json]:
    return value if isinstance(value, Sequence) and not isinstance(value, str) else ()
