"""Reads the API of a FastAPI application, reduced to what a comparison of two versions uses.

The answer has `operations`, such as `GET /items/{item_id}`, and the `schemas` that they refer to by name. An operation
has `parameters` by place and name, with `!` after the name of a required one; a `body` (`body!` where it is required)
and `responses` by status, both with a schema for each media type. `{name:path}` marks a parameter that takes slashes.
Descriptions, titles and examples are left out.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from .inspection import attribute_of, is_a, namespace_of

Json = dict[str, Any]

_METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
_REFERENCE = "#/components/schemas/"
# Keywords whose values are schemas, lists of schemas, and mappings to schemas.
_SCHEMA = ("items", "additionalProperties")
_SCHEMAS = ("anyOf", "oneOf", "allOf", "prefixItems")
_PLAIN = (
    *("type", "format", "enum", "required", "nullable", "pattern", "minimum", "maximum", "exclusiveMinimum"),
    *("exclusiveMaximum", "multipleOf", "minLength", "maxLength", "minItems", "maxItems", "uniqueItems"),
)
# FastAPI's own answer to a request that does not fit.
_NOT_VALID = {"$ref": f"{_REFERENCE}HTTPValidationError"}


def api_of(application: Any) -> Json | None:
    """Return the API of an application. None for one that is not FastAPI's, or that cannot write its document."""
    kind: Any = namespace_of(sys.modules.get("fastapi")).get("FastAPI")
    if not is_a(kind, type) or not is_a(application, kind):
        return None
    api: Json = {"operations": {}, "schemas": {}}
    for prefix, each in _applications(application, kind):
        try:
            reduced = reduced_api(each.openapi(), prefix, _paths_with_slashes(each))
            json.dumps(reduced)
        except Exception:  # a route without a document, or a document of the program's own that is none of FastAPI's
            return None
        for name, schema in reduced["schemas"].items():
            if api["schemas"].setdefault(name, schema) != schema:
                return None
        api["operations"] = {**reduced["operations"], **api["operations"]}
    return api


def _applications(application: Any, kind: type, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Yield an application and those that are mounted in it, with the paths where they are."""
    yield prefix, application
    routes = attribute_of(application, "routes", ())
    for route in routes if is_a(routes, list) else ():
        mounted = attribute_of(route, "app")
        if is_a(mounted, kind):
            yield from _applications(mounted, kind, f"{prefix}{attribute_of(route, 'path', '')}")


def _paths_with_slashes(application: Any) -> dict[str, str]:
    """Return the paths with parameters that take slashes, by the form in which the document has them."""
    paths = {}
    for route in attribute_of(application, "routes", ()):
        path, spelled = attribute_of(route, "path", ""), attribute_of(route, "path_format", "")
        if ":path}" in path:
            paths[spelled] = re.sub(r":(?!path\})\w+\}", "}", path)
    return paths


def reduced_api(document: Mapping[str, Any], prefix: str, paths_with_slashes: Mapping[str, str]) -> Json:
    """Reduce an OpenAPI document."""
    components = document.get("components", {})
    security = components.get("securitySchemes", {})
    operations = {}
    for path, item in document.get("paths", {}).items():
        for method in _METHODS:
            if method in item:
                place = f"{method.upper()} {prefix}{paths_with_slashes.get(path, path)}"
                shared = item.get("parameters", ())
                operations[place] = _operation(item[method], shared, security, document.get("security", ()))
    schemas = components.get("schemas", {})
    return {"operations": operations, "schemas": _reached(operations, schemas)}


def _operation(operation: Json, shared: Iterable[Json], security: Json, everywhere: Iterable[Json]) -> Json:
    reduced: Json = {}
    parameters = {_place(each): _parameter(each) for each in (*shared, *operation.get("parameters", ()))}
    alternatives = list(operation.get("security", everywhere))
    if len(alternatives) == 1:
        parameters |= {place: {} for name in alternatives[0] for place in _credential(security.get(name, {}))}
    if parameters:
        reduced["parameters"] = parameters
    body = operation.get("requestBody")
    if body:
        reduced["body!" if body.get("required") else "body"] = _content(body)
    reduced["responses"] = {
        status: _content(response) for status, response in sorted(operation.get("responses", {}).items())
    }
    return reduced


def _place(parameter: Json) -> str:
    where, name = parameter["in"], parameter["name"]
    name = name.lower() if where == "header" else name
    return f"{where} {name}{'!' if parameter.get('required') else ''}"


def _parameter(parameter: Json) -> Json:
    described = parameter if "schema" in parameter else next(iter(parameter.get("content", {}).values()), {})
    schema: Json = reduced_schema(described.get("schema", {}))
    return schema


def _credential(scheme: Json) -> Iterator[str]:
    """Yield the parameter in which a request carries its credential."""
    if scheme.get("type") == "apiKey":
        yield _place({"in": scheme["in"], "name": scheme["name"], "required": True})
    elif scheme:
        yield "header authorization!"


def _content(part: Json) -> Json:
    media = part.get("content", {})
    return {
        _media_name(name): reduced_schema(each.get("schema", {}))
        for name, each in sorted(media.items())
        if each.get("schema") != _NOT_VALID
    }


def _media_name(name: str) -> str:
    return "json" if name.partition(";")[0].strip() == "application/json" else name


def reduced_schema(schema: Any) -> Any:
    """Reduce a JSON schema. A reference is the name of a schema of the document."""
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return {"$ref": schema["$ref"].removeprefix(_REFERENCE)}
    reduced: Json = {key: schema[key] for key in _PLAIN if key in schema}
    if "const" in schema:
        reduced["enum"] = [schema["const"]]
    if _is_portable(schema.get("default")):
        reduced["default"] = schema["default"]
    if schema.get("additionalProperties") is True:
        schema = {key: value for key, value in schema.items() if key != "additionalProperties"}
    reduced |= {key: reduced_schema(schema[key]) for key in _SCHEMA if key in schema}
    reduced |= {key: [reduced_schema(each) for each in schema[key]] for key in _SCHEMAS if key in schema}
    if "properties" in schema:
        reduced["properties"] = {name: reduced_schema(each) for name, each in schema["properties"].items()}
    return reduced


def _is_portable(default: object) -> bool:
    """Check for a default that is the same on every machine: a path of this one may be among them."""
    return isinstance(default, (bool, int, float)) or (isinstance(default, str) and "/" not in default)


def _reached(operations: Any, schemas: Json) -> Json:
    """Return the schemas that operations refer to, directly or not."""
    reached: Json = {}
    waiting = list(_references(operations))
    while waiting:
        name = waiting.pop()
        if name not in reached and name in schemas:
            reached[name] = reduced_schema(schemas[name])
            waiting += _references(reached[name])
    return dict(sorted(reached.items()))


def _references(value: Any) -> Iterator[str]:
    if isinstance(value, list):
        for each in value:
            yield from _references(each)
    elif isinstance(value, dict):
        reference = value.get("$ref")
        if isinstance(reference, str):
            yield reference
        for each in value.values():
            yield from _references(each)
