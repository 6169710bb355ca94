"""Generated APIs, the usages of a caller, and mutations that say themselves whether they break a usage.

The list follows the rules of oasdiff (checker/rules.go). Documents are OpenAPI as FastAPI writes it.
"""

from __future__ import annotations

import copy
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]
Path = tuple[str, ...]


@dataclass
class Field:
    """A field of an object, or a query parameter. kind: a name of TYPES."""

    name: str
    kind: str
    is_required: bool
    fields: list[Field] = field(default_factory=list)

    def schema(self) -> Json:
        if self.kind == "object":
            return object_schema(self.fields)
        if self.kind == "list":
            return {"type": "array", "items": object_schema(self.fields)}
        return copy.deepcopy(TYPES[self.kind])


TYPES: dict[str, Json] = {
    "integer": {"type": "integer", "minimum": 0, "maximum": 100},
    "number": {"type": "number"},
    "string": {"type": "string", "minLength": 1, "maxLength": 20},
    "boolean": {"type": "boolean"},
    "enum": {"type": "string", "enum": ["red", "green", "blue"]},
    "nullable": {"anyOf": [{"type": "string"}, {"type": "null"}]},
    "date": {"type": "string", "format": "date-time"},
    "defaulted": {"type": "integer", "default": 10},
}


def object_schema(fields: list[Field]) -> Json:
    properties = {each.name: each.schema() for each in fields}
    return {
        "type": "object",
        "title": "An object",
        "properties": properties,
        "required": [each.name for each in fields if each.is_required],
    }


@dataclass
class Operation:
    method: str
    path: str
    query: list[Field]
    body: list[Field] | None
    response: list[Field]
    is_body_required: bool = True

    def place(self) -> str:
        return f"{self.method.upper()} {self.path}"


def draw_fields(rng: random.Random, count: int, *, depth: int = 0, flat: bool = False) -> list[Field]:
    kinds = [*TYPES] if flat or depth > 1 else [*TYPES, "object", "list"]
    fields = []
    for index in range(count):
        kind = rng.choice(kinds)
        is_required = kind != "defaulted" and rng.random() < 0.6
        inner = draw_fields(rng, rng.randint(1, 3), depth=depth + 1) if kind in ("object", "list") else []
        fields.append(Field(f"f{index}", kind, is_required, inner))
    return fields


def draw_operations(rng: random.Random) -> list[Operation]:
    operations = []
    for index in range(rng.randint(3, 6)):
        method = rng.choice(["get", "post", "put", "delete"])
        path = rng.choice([f"/r{index}", f"/r{index}/{{id}}", f"/r{index}/{{id}}/parts/{{part}}"])
        body = draw_fields(rng, rng.randint(1, 4)) if method in ("post", "put") else None
        query = draw_fields(rng, rng.randint(0, 3), flat=True)
        response = draw_fields(rng, rng.randint(1, 4))
        operations.append(Operation(method, path, query, body, response, rng.random() < 0.7))
    return operations


def document(operations: list[Operation], *, named: bool) -> Json:
    """Return the OpenAPI document. named: the bodies and the responses are components."""
    paths: Json = {}
    schemas: Json = {}

    def placed(name: str, schema: Json) -> Json:
        if not named:
            return schema
        schemas[name] = schema
        return {"$ref": f"#/components/schemas/{name}"}

    for index, each in enumerate(operations):
        parameters = [
            {"in": "path", "name": name, "required": True, "schema": {"type": "integer"}}
            for name in ("id", "part")
            if f"{{{name}}}" in each.path
        ]
        parameters += [
            {"in": "query", "name": q.name, "required": q.is_required, "schema": q.schema()} for q in each.query
        ]
        item: Json = {
            "operationId": f"op{index}",
            "parameters": parameters,
            "responses": {
                "200": {
                    "description": "Successful",
                    "content": {"application/json": {"schema": placed(f"Out{index}", object_schema(each.response))}},
                },
                "404": {"description": "Not there"},
            },
        }
        if each.body is not None:
            item["requestBody"] = {
                "required": each.is_body_required,
                "content": {"application/json": {"schema": placed(f"In{index}", object_schema(each.body))}},
            }
        paths.setdefault(each.path, {})[each.method] = item
    return {"openapi": "3.1.0", "paths": paths, "components": {"schemas": schemas}}


@dataclass(frozen=True)
class Usage:
    """The part of an operation that a caller uses, by the paths of its fields.

    tolerant: the fields that the caller reads with `get`.
    """

    query: frozenset[Path] = frozenset()
    body: frozenset[Path] | None = None
    reads: frozenset[Path] = frozenset()
    tolerant: frozenset[Path] = frozenset()
    compares: bool = False


def paths_of(fields: list[Field], above: Path = ()) -> Iterator[tuple[Path, Field]]:
    for each in fields:
        path = (*above, each.name)
        yield path, each
        yield from paths_of(each.fields, (*path, "[]") if each.kind == "list" else path)


def draw_usage(rng: random.Random, operation: Operation) -> Usage:
    share = rng.choice([0.0, 0.5, 1.0])

    def chosen(fields: list[Field], above: Path = (), *, required: bool) -> set[Path]:
        """An object is used with some of its fields: the required ones are always sent."""
        result: set[Path] = set()
        for each in fields:
            if (required and each.is_required) or rng.random() < share:
                path = (*above, each.name)
                result.add(path)
                result |= chosen(each.fields, (*path, "[]") if each.kind == "list" else path, required=required)
        return result

    reads = chosen(operation.response, required=False)
    sends = operation.body is not None and (operation.is_body_required or rng.random() < 0.5)
    return Usage(
        query=frozenset(chosen(operation.query, required=True)),
        body=frozenset(chosen(operation.body or [], required=True)) if sends else None,
        reads=frozenset(reads),
        tolerant=frozenset(path for path in reads if rng.random() < 0.3),
        compares=rng.random() < 0.3,
    )


def call_document(operation: Operation, usage: Usage) -> Json:
    """Return the call as a manifest has it."""
    path = operation.path.replace("{id}", "{}").replace("{part}", "{}")
    call: Json = {"at": "caller.py:7", "app": "callee", "method": operation.method.upper(), "path": path}
    if usage.query:
        call["query"] = {path[0]: None for path in usage.query}
    if usage.body is not None:
        call["json"] = shape_of(operation.body or [], usage.body)
    reads = reads_of(operation.response, usage)
    if reads:
        call["reads"] = reads
    if usage.compares:
        call["statuses"] = [404]
    return call


def shape_of(fields: list[Field], sent: frozenset[Path], above: Path = ()) -> Any:
    shape: Json = {}
    for each in fields:
        path = (*above, each.name)
        if path in sent:
            shape[each.name] = None
            if each.kind == "object":
                shape[each.name] = shape_of(each.fields, sent, path)
            if each.kind == "list":
                shape[each.name] = [shape_of(each.fields, sent, (*path, "[]"))]
    return shape


def reads_of(fields: list[Field], usage: Usage, above: Path = ()) -> Any:
    reads: Json = {}
    for each in fields:
        path = (*above, each.name)
        if path in usage.reads:
            name = f"{each.name}?" if path in usage.tolerant else each.name
            inner: Any = 1
            if each.kind == "object":
                inner = reads_of(each.fields, usage, path) or {}
            if each.kind == "list":
                inner = {"*": reads_of(each.fields, usage, (*path, "[]")) or {}}
            reads[name] = inner
    return reads


# A mutation changes the document of one operation in place. It returns whether a usage is broken by it, or None if
# it does not apply.
Broken = Callable[[Usage], bool]


@dataclass(frozen=True)
class Mutation:
    name: str
    apply: Callable[[random.Random, Json, Operation], Broken | None]


def _never(usage: Usage) -> bool:
    return False


def _always(usage: Usage) -> bool:
    return True


def _node(root: Json, path: Path) -> tuple[Json, str]:
    """Return the object schema that has the last name of a path as a property, and that name."""
    here = root
    for name in path[:-1]:
        here = here["items"] if name == "[]" else here["properties"][name]
    return here, path[-1]


def _resolved(whole: Json, schema: Json) -> Json:
    reference = schema.get("$ref", "")
    return whole["components"]["schemas"][reference.rpartition("/")[2]] if reference else schema


class Places:
    """Draws a field of the body or of the response of an operation."""

    def __init__(self, rng: random.Random, whole: Json, operation: Operation) -> None:
        self.rng = rng
        self.item = whole["paths"][operation.path][operation.method]
        self.operation = operation
        self.whole = whole

    def body(self) -> Json | None:
        if self.operation.body is None:
            return None
        return _resolved(self.whole, self.item["requestBody"]["content"]["application/json"]["schema"])

    def response(self) -> Json:
        return _resolved(self.whole, self.item["responses"]["200"]["content"]["application/json"]["schema"])

    def field(self, fields: list[Field], *kinds: str, **conditions: bool) -> tuple[Path, Field] | None:
        required = conditions.get("is_required")
        possible = [
            (path, each)
            for path, each in paths_of(fields)
            if (not kinds or each.kind in kinds) and (required is None or each.is_required == required)
        ]
        return self.rng.choice(possible) if possible else None

    def parent_used(self, used: frozenset[Path], path: Path) -> bool:
        """Return whether the object that has this field is used at all."""
        above = path[:-1]
        above = above[:-1] if above and above[-1] == "[]" else above
        return not above or above in used


SCALARS = ("integer", "number", "string", "boolean", "enum", "nullable", "date", "defaulted")
OTHER_TYPE: dict[str, Json] = {
    "integer": {"type": "string"},
    "number": {"type": "string"},
    "string": {"type": "integer"},
    "boolean": {"type": "string"},
    "enum": {"type": "integer"},
    "nullable": {"anyOf": [{"type": "integer"}, {"type": "null"}]},
    "date": {"type": "boolean"},
    "defaulted": {"type": "string"},
    "object": {"type": "string"},
    "list": {"type": "string"},
}


def mutation(function: Callable[[Places], Broken | None]) -> Mutation:
    def apply(rng: random.Random, whole: Json, operation: Operation) -> Broken | None:
        return function(Places(rng, whole, operation))

    made = Mutation(function.__name__, apply)
    MUTATIONS.append(made)
    return made


MUTATIONS: list[Mutation] = []


@mutation
def path_removed(at: Places) -> Broken | None:
    del at.whole["paths"][at.operation.path]
    return _always


@mutation
def method_removed(at: Places) -> Broken | None:
    item = at.whole["paths"][at.operation.path]
    item["patch"] = item.pop(at.operation.method)
    return _always


@mutation
def path_parameter_renamed(at: Places) -> Broken | None:
    if "{id}" not in at.operation.path:
        return None
    item = at.whole["paths"].pop(at.operation.path)
    at.whole["paths"][at.operation.path.replace("{id}", "{other}")] = item
    for parameter in at.item["parameters"]:
        if parameter["name"] == "id":
            parameter["name"] = "other"
    return _never


@mutation
def path_parameter_type_narrowed(at: Places) -> Broken | None:
    for parameter in at.item["parameters"]:
        if parameter["in"] == "path":
            parameter["schema"] = {"type": "string", "format": "uuid"}
            return _always
    return None


@mutation
def required_parameter_added(at: Places) -> Broken | None:
    at.item["parameters"].append({"in": "query", "name": "added", "required": True, "schema": {"type": "string"}})
    return _always


@mutation
def required_header_added(at: Places) -> Broken | None:
    at.item["parameters"].append({"in": "header", "name": "X-New", "required": True, "schema": {"type": "string"}})
    return _always


@mutation
def security_added(at: Places) -> Broken | None:
    at.item["security"] = [{"bearer": []}]
    at.whole["components"]["securitySchemes"] = {"bearer": {"type": "http", "scheme": "bearer"}}
    return _always


@mutation
def optional_parameter_added(at: Places) -> Broken | None:
    at.item["parameters"].append({"in": "query", "name": "added", "required": False, "schema": {"type": "string"}})
    return _never


def _query(at: Places, *kinds: str, required: bool | None = None) -> Json | None:
    names = [
        each.name
        for each in at.operation.query
        if (not kinds or each.kind in kinds) and (required is None or each.is_required == required)
    ]
    if not names:
        return None
    name = at.rng.choice(names)
    parameter: Json = next(each for each in at.item["parameters"] if (each["in"], each["name"]) == ("query", name))
    return parameter


def _is_query_sent(parameter: Json) -> Broken:
    path = (parameter["name"],)
    return lambda usage: path in usage.query


@mutation
def parameter_removed(at: Places) -> Broken | None:
    parameter = _query(at)
    if parameter is None:
        return None
    at.item["parameters"].remove(parameter)
    return _is_query_sent(parameter)


@mutation
def parameter_became_required(at: Places) -> Broken | None:
    parameter = _query(at, required=False)
    if parameter is None:
        return None
    parameter["required"] = True
    return lambda usage: (parameter["name"],) not in usage.query


@mutation
def parameter_became_optional(at: Places) -> Broken | None:
    parameter = _query(at, required=True)
    if parameter is None:
        return None
    parameter["required"] = False
    return _never


@mutation
def parameter_type_changed(at: Places) -> Broken | None:
    kind = at.rng.choice(SCALARS)
    parameter = _query(at, kind)
    if parameter is None:
        return None
    parameter["schema"] = copy.deepcopy(OTHER_TYPE[kind])
    return _is_query_sent(parameter)


@mutation
def parameter_default_changed(at: Places) -> Broken | None:
    parameter = _query(at, "defaulted")
    if parameter is None:
        return None
    parameter["schema"]["default"] = 11
    return lambda usage: (parameter["name"],) not in usage.query


@mutation
def parameter_limit_narrowed(at: Places) -> Broken | None:
    parameter = _query(at, "integer")
    if parameter is None:
        return None
    parameter["schema"]["maximum"] = 50
    return _is_query_sent(parameter)


@mutation
def parameter_limit_widened(at: Places) -> Broken | None:
    parameter = _query(at, "integer")
    if parameter is None:
        return None
    parameter["schema"].pop("maximum")
    return _never


@mutation
def body_became_required(at: Places) -> Broken | None:
    if at.operation.body is None or at.operation.is_body_required:
        return None
    at.item["requestBody"]["required"] = True
    return lambda usage: usage.body is None


@mutation
def body_media_type_changed(at: Places) -> Broken | None:
    if at.operation.body is None:
        return None
    content = at.item["requestBody"]["content"]
    content["multipart/form-data"] = content.pop("application/json")
    return lambda usage: usage.body is not None


@mutation
def body_removed(at: Places) -> Broken | None:
    if at.item.pop("requestBody", None) is None:
        return None
    return lambda usage: usage.body is not None


@mutation
def required_body_field_added(at: Places) -> Broken | None:
    body = at.body()
    if body is None:
        return None
    body["properties"]["added"] = {"type": "string"}
    body["required"].append("added")
    return lambda usage: usage.body is not None


@mutation
def optional_body_field_added(at: Places) -> Broken | None:
    body = at.body()
    if body is None:
        return None
    body["properties"]["added"] = {"type": "string"}
    return _never


def _body_field(at: Places, *kinds: str, required: bool | None = None) -> tuple[Path, Json, str] | None:
    body = at.body()
    conditions = {} if required is None else {"is_required": required}
    drawn = at.field(at.operation.body or [], *kinds, **conditions)
    if body is None or drawn is None:
        return None
    return (drawn[0], *_node(body, drawn[0]))


def _is_sent(path: Path) -> Broken:
    return lambda usage: usage.body is not None and path in usage.body


@mutation
def nested_required_body_field_added(at: Places) -> Broken | None:
    drawn = _body_field(at)
    if drawn is None:
        return None
    path, node, _ = drawn
    node["properties"]["added"] = {"type": "string"}
    node["required"].append("added")
    return lambda usage: usage.body is not None and at.parent_used(usage.body, path)


@mutation
def body_field_removed(at: Places) -> Broken | None:
    drawn = _body_field(at)
    if drawn is None:
        return None
    path, node, name = drawn
    del node["properties"][name]
    node["required"] = [each for each in node["required"] if each != name]
    return _is_sent(path)


@mutation
def body_field_forbidden(at: Places) -> Broken | None:
    drawn = _body_field(at)
    if drawn is None:
        return None
    path, node, name = drawn
    del node["properties"][name]
    node["required"] = [each for each in node["required"] if each != name]
    node["additionalProperties"] = False
    return _is_sent(path)


@mutation
def body_field_became_required(at: Places) -> Broken | None:
    drawn = _body_field(at, required=False)
    if drawn is None:
        return None
    path, node, name = drawn
    node["required"].append(name)
    return lambda usage: usage.body is not None and at.parent_used(usage.body, path) and path not in usage.body


@mutation
def body_field_became_optional(at: Places) -> Broken | None:
    drawn = _body_field(at, required=True)
    if drawn is None:
        return None
    drawn[1]["required"].remove(drawn[2])
    return _never


@mutation
def body_field_type_changed(at: Places) -> Broken | None:
    kind = at.rng.choice([*OTHER_TYPE])
    drawn = _body_field(at, kind)
    if drawn is None:
        return None
    path, node, name = drawn
    node["properties"][name] = copy.deepcopy(OTHER_TYPE[kind])
    return _is_sent(path)


def _body_limit(kind: str, **keywords: Any) -> Callable[[Places], tuple[Path, Json] | None]:
    def change(at: Places) -> tuple[Path, Json] | None:
        drawn = _body_field(at, kind)
        if drawn is None:
            return None
        path, node, name = drawn
        node["properties"][name].update(keywords)
        return path, node["properties"][name]

    return change


for _name, _kind, _keywords, _is_breaking in (
    ("maximum_lowered", "integer", {"maximum": 99}, True),
    ("minimum_raised", "integer", {"minimum": 1}, True),
    ("exclusive_minimum_set", "integer", {"exclusiveMinimum": 0}, True),
    ("minimum_lowered", "integer", {"minimum": -5}, False),
    ("longest_lowered", "string", {"maxLength": 19}, True),
    ("shortest_raised", "string", {"minLength": 2}, True),
    ("longest_raised", "string", {"maxLength": 21}, False),
    ("pattern_set", "string", {"pattern": "^a"}, True),
    ("format_set", "string", {"format": "uuid"}, True),
    ("step_set", "number", {"multipleOf": 2}, True),
    ("enum_value_removed", "enum", {"enum": ["red", "green"]}, True),
    ("enum_value_added", "enum", {"enum": ["red", "green", "blue", "black"]}, False),
    ("became_enum", "string", {"enum": ["a", "b"]}, True),
    ("became_whole", "number", {"type": "integer"}, True),
    ("became_not_whole", "integer", {"type": "number"}, False),
    ("described", "string", {"description": "anything", "examples": ["a"]}, False),
):

    def _body_change(
        at: Places, kind: str = _kind, keywords: Json = _keywords, breaking: bool = _is_breaking
    ) -> Broken | None:
        changed = _body_limit(kind, **keywords)(at)
        if changed is None:
            return None
        return _is_sent(changed[0]) if breaking else _never

    _body_change.__name__ = f"body_{_name}"
    mutation(_body_change)


@mutation
def body_null_removed(at: Places) -> Broken | None:
    drawn = _body_field(at, "nullable")
    if drawn is None:
        return None
    path, node, name = drawn
    node["properties"][name] = {"type": "string"}
    return _is_sent(path)


@mutation
def body_null_added(at: Places) -> Broken | None:
    drawn = _body_field(at, "integer", "string", "boolean")
    if drawn is None:
        return None
    _, node, name = drawn
    node["properties"][name] = {"anyOf": [node["properties"][name], {"type": "null"}]}
    return _never


@mutation
def body_default_changed(at: Places) -> Broken | None:
    drawn = _body_field(at, "defaulted")
    if drawn is None:
        return None
    path, node, name = drawn
    node["properties"][name]["default"] = 11
    return lambda usage: usage.body is not None and at.parent_used(usage.body, path) and path not in usage.body


def _response_field(at: Places, *kinds: str, required: bool | None = None) -> tuple[Path, Json, str] | None:
    conditions = {} if required is None else {"is_required": required}
    drawn = at.field(at.operation.response, *kinds, **conditions)
    if drawn is None:
        return None
    return (drawn[0], *_node(at.response(), drawn[0]))


def _is_read(path: Path) -> Broken:
    return lambda usage: path in usage.reads


@mutation
def success_status_removed(at: Places) -> Broken | None:
    del at.item["responses"]["200"]
    return _always


@mutation
def success_status_changed(at: Places) -> Broken | None:
    at.item["responses"]["201"] = at.item["responses"].pop("200")
    return _never


@mutation
def other_status_removed(at: Places) -> Broken | None:
    del at.item["responses"]["404"]
    return lambda usage: usage.compares


@mutation
def response_media_type_changed(at: Places) -> Broken | None:
    content = at.item["responses"]["200"]["content"]
    content["text/html"] = content.pop("application/json")
    return lambda usage: bool(usage.reads)


@mutation
def response_field_added(at: Places) -> Broken | None:
    at.response()["properties"]["added"] = {"type": "string"}
    return _never


@mutation
def response_field_removed(at: Places) -> Broken | None:
    drawn = _response_field(at)
    if drawn is None:
        return None
    path, node, name = drawn
    del node["properties"][name]
    node["required"] = [each for each in node["required"] if each != name]
    return _is_read(path)


@mutation
def response_field_became_optional(at: Places) -> Broken | None:
    drawn = _response_field(at, required=True)
    if drawn is None:
        return None
    path, node, name = drawn
    node["required"].remove(name)
    return lambda usage: path in usage.reads and path not in usage.tolerant


@mutation
def response_field_became_required(at: Places) -> Broken | None:
    drawn = _response_field(at, required=False)
    if drawn is None:
        return None
    drawn[1]["required"].append(drawn[2])
    return _never


@mutation
def response_field_type_changed(at: Places) -> Broken | None:
    kind = at.rng.choice([*OTHER_TYPE])
    drawn = _response_field(at, kind)
    if drawn is None:
        return None
    path, node, name = drawn
    node["properties"][name] = copy.deepcopy(OTHER_TYPE[kind])
    return _is_read(path)


@mutation
def response_null_added(at: Places) -> Broken | None:
    drawn = _response_field(at, "integer", "string", "boolean", "enum", "object", "list")
    if drawn is None:
        return None
    path, node, name = drawn
    node["properties"][name] = {"anyOf": [node["properties"][name], {"type": "null"}]}
    return _is_read(path)


@mutation
def response_null_removed(at: Places) -> Broken | None:
    drawn = _response_field(at, "nullable")
    if drawn is None:
        return None
    _, node, name = drawn
    node["properties"][name] = {"type": "string"}
    return _never


for _name, _kind, _keywords, _is_breaking in (
    ("maximum_raised", "integer", {"maximum": 101}, True),
    ("minimum_lowered", "integer", {"minimum": -1}, True),
    ("maximum_lowered", "integer", {"maximum": 99}, False),
    ("longest_raised", "string", {"maxLength": 21}, True),
    ("longest_lowered", "string", {"maxLength": 19}, False),
    ("enum_value_added", "enum", {"enum": ["red", "green", "blue", "black"]}, True),
    ("enum_value_removed", "enum", {"enum": ["red"]}, False),
    ("became_not_whole", "integer", {"type": "number"}, True),
    ("became_whole", "number", {"type": "integer"}, False),
    ("format_changed", "date", {"format": "date"}, True),
    ("described", "string", {"description": "anything"}, False),
):

    def _response_change(
        at: Places, kind: str = _kind, keywords: Json = _keywords, breaking: bool = _is_breaking
    ) -> Broken | None:
        drawn = _response_field(at, kind)
        if drawn is None:
            return None
        path, node, name = drawn
        node["properties"][name].update(keywords)
        return _is_read(path) if breaking else _never

    _response_change.__name__ = f"response_{_name}"
    mutation(_response_change)


@mutation
def operation_added(at: Places) -> Broken | None:
    at.whole["paths"]["/added/{x}"] = {"get": {"parameters": [], "responses": {"200": {}}}}
    return _never


@mutation
def order_of_paths_changed(at: Places) -> Broken | None:
    at.whole["paths"] = dict(reversed(at.whole["paths"].items()))
    return _never
