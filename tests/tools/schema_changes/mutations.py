"""Every change of a package schema that one edit makes, with the breaking changes that the edit is."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from tools.schema_changes.change import Kind

Json = dict[str, Any]
Breaks = frozenset[tuple[str, Kind]]
HARMLESS: Breaks = frozenset()


@dataclass(frozen=True)
class Mutation:
    """An edit of a schema. `place` is what it touches: two edits of different places do not meet."""

    title: str
    place: str
    apply: Callable[[Json], None]
    breaks: Breaks


@dataclass(frozen=True)
class Container:
    """Properties that belong together, at a place of the schema."""

    path: str
    keys: tuple[str, ...]
    properties: str
    required: str
    accepted: bool
    returned: bool

    def of(self, schema: Json) -> Json:
        """Return the part of the schema that has the properties."""
        part: Json = schema
        for key in self.keys:
            part = part[key]
        return part

    @property
    def removal(self) -> Kind:
        """The kind of a removed property."""
        if self.accepted and self.returned:
            return Kind.PROPERTY_REMOVED
        return Kind.INPUT_REMOVED if self.accepted else Kind.OUTPUT_REMOVED


def mutated(schema: Json, *mutations: Mutation) -> Json:
    """Return a copy of the schema with some edits."""
    result = copy.deepcopy(schema)
    for mutation in mutations:
        mutation.apply(result)
    return result


def all_mutations(schema: Json) -> Iterator[Mutation]:
    """Yield every edit."""
    for container in containers(schema):
        yield from _additions(container)
        for name in container.of(schema).get(container.properties, {}):
            yield from _of_property(container, name, container.of(schema))
    yield from _of_tokens(schema)
    yield from _of_enums(schema)
    yield from _of_package()


def containers(schema: Json) -> Iterator[Container]:
    """Yield all places that have properties."""
    yield Container("config", ("config",), "variables", "defaults", accepted=True, returned=False)
    yield Container("provider.inputs", ("provider",), "inputProperties", "requiredInputs", True, False)
    for token in schema["resources"]:
        keys = ("resources", token)
        yield Container(f"{token}.inputs", keys, "inputProperties", "requiredInputs", accepted=True, returned=False)
        yield Container(f"{token}.outputs", keys, "properties", "required", accepted=False, returned=True)
    returned = _returned(schema)
    for token, kind in schema["types"].items():
        if "enum" not in kind:
            yield Container(token, ("types", token), "properties", "required", True, token in returned)


def _returned(schema: Json) -> set[str]:
    """Return the types in outputs, found in the text of the schema."""
    texts = [json.dumps(resource.get("properties", {})) for resource in schema["resources"].values()]
    reached: set[str] = set()
    while texts:
        for token in re.findall(r'"#/types/([^"]+)"', texts.pop()):
            if token not in reached:
                reached.add(token)
                texts.append(json.dumps(schema["types"][token]))
    return reached


def _additions(container: Container) -> Iterator[Mutation]:
    def optional(schema: Json) -> None:
        container.of(schema).setdefault(container.properties, {})["addedByATest"] = {"type": "string"}

    def required(schema: Json) -> None:
        optional(schema)
        container.of(schema).setdefault(container.required, []).append("addedByATest")

    path = f"{container.path}.addedByATest"
    breaks = frozenset({(path, Kind.REQUIRED)}) if container.accepted else HARMLESS
    yield Mutation("add an optional property", path, optional, HARMLESS)
    yield Mutation("add a required property", path, required, breaks)


def _of_property(container: Container, name: str, part: Json) -> Iterator[Mutation]:
    path = f"{container.path}.{name}"
    prop, is_required = part[container.properties][name], name in part.get(container.required, [])

    def mutation(title: str, edit: Callable[[Json, Json], None], *kinds: Kind, at: str = path) -> Mutation:
        def apply(schema: Json) -> None:
            whole = container.of(schema)
            edit(whole[container.properties][name], whole)

        return Mutation(f"{title} {path}", path, apply, frozenset((at, kind) for kind in kinds))

    def set_to(**values: object) -> Callable[[Json, Json], None]:
        return lambda prop, whole: prop.update(values)

    yield mutation("remove", lambda prop, whole: _remove(whole, container, name), container.removal)
    yield _renamed(container, name, path, is_required)
    if is_required:
        lost = (Kind.MAYBE_ABSENT,) if container.returned else ()
        yield mutation("make optional", lambda prop, whole: whole[container.required].remove(name), *lost)
    else:
        gained = (Kind.REQUIRED,) if container.accepted else ()

        def require(prop: Json, whole: Json) -> None:
            whole.setdefault(container.required, []).append(name)

        yield mutation("make required", require, *gained)
    if prop.get("secret"):
        yield mutation("publish", lambda prop, whole: prop.pop("secret"), Kind.SECRET_LOST)
    else:
        yield mutation("hide", set_to(secret=True), *((Kind.SECRET_GAINED,) if container.returned else ()))
    yield mutation("fix the value of", set_to(const="other"), Kind.CONST)
    yield mutation("give a default to", set_to(default="other"), Kind.DEFAULT)
    yield mutation("give a default from a variable to", set_to(defaultInfo={"environment": ["X"]}), Kind.DEFAULT)
    yield mutation("replace on changes of", set_to(replaceOnChanges=True), Kind.REPLACES)
    yield mutation("name for C#", set_to(language={"csharp": {"name": "Other"}}), Kind.LANGUAGE)
    yield mutation("describe", set_to(description="Another text."))
    yield mutation("deprecate", set_to(deprecationMessage="Use another one."))
    for title, edit, kinds in _type_edits(container, prop):
        yield mutation(title, edit, *kinds)


def _remove(whole: Json, container: Container, name: str) -> None:
    del whole[container.properties][name]
    if name in whole.get(container.required, []):
        whole[container.required].remove(name)


def _renamed(container: Container, name: str, path: str, is_required: bool) -> Mutation:
    def apply(schema: Json) -> None:
        whole = container.of(schema)
        whole[container.properties][f"{name}Renamed"] = whole[container.properties][name]
        _remove(whole, container, name)
        if is_required:
            whole[container.required].append(f"{name}Renamed")

    breaks = {(path, container.removal)}
    if is_required and container.accepted:
        breaks.add((f"{path}Renamed", Kind.REQUIRED))
    return Mutation(f"rename {path}", path, apply, frozenset(breaks))


def _type_edits(
    container: Container, prop: Json
) -> Iterator[tuple[str, Callable[[Json, Json], None], tuple[Kind, ...]]]:
    def to(**kind: object) -> Callable[[Json, Json], None]:
        def edit(prop: Json, whole: Json) -> None:
            for key in ("type", "$ref", "items", "additionalProperties", "oneOf"):
                prop.pop(key, None)
            prop.update(kind)

        return edit

    kept = {key: prop[key] for key in ("type", "$ref", "items", "additionalProperties") if key in prop}
    yield "make a list of", to(type="array", items={"type": "array", "items": {"type": "boolean"}}), (Kind.TYPE,)
    yield "refer elsewhere from", to(**{"$ref": "#/types/flyte:index:Other"}), (Kind.TYPE,)
    if "oneOf" in prop:
        members = prop["oneOf"]
        wider, narrower = [*members, {"type": "array", "items": {"type": "boolean"}}], members[1:]
        yield "widen the union of", to(oneOf=wider), ((Kind.TYPE,) if container.returned else ())
        if len(narrower) > 1:
            yield "narrow the union of", to(oneOf=narrower), ((Kind.TYPE,) if container.accepted else ())
        else:
            yield "leave one type of", to(**narrower[0]), (Kind.TYPE,)
        yield "reorder the union of", to(oneOf=members[::-1]), ()
        return
    yield "make a union of", to(oneOf=[kept, {"type": "array", "items": {"type": "boolean"}}]), (Kind.TYPE,)
    yield "make plain", to(**kept, plain=True), (Kind.PLAIN,)
    for key in ("items", "additionalProperties"):
        inner = kept.get(key, {}).get("oneOf")
        if inner is not None:
            more = {**kept, key: {"oneOf": [*inner, {"type": "array", "items": {"type": "boolean"}}]}}
            yield f"widen the union in the {key} of", to(**more), ((Kind.TYPE,) if container.returned else ())
        if inner is not None and len(inner) > 2:
            fewer = {**kept, key: {"oneOf": inner[1:]}}
            yield f"narrow the union in the {key} of", to(**fewer), ((Kind.TYPE,) if container.accepted else ())
        if key in kept:
            yield f"change the {key} of", to(**{**kept, key: {"type": "array", "items": {}}}), (Kind.TYPE,)


def _of_tokens(schema: Json) -> Iterator[Mutation]:
    def part(section: str, token: str, edit: Callable[[Json], None], title: str, *kinds: Kind) -> Mutation:
        breaks = frozenset((token, kind) for kind in kinds)
        return Mutation(f"{title} {token}", token, lambda schema: edit(schema[section]), breaks)

    for section in ("resources", "types"):
        for token in schema[section]:

            def remove(parts: Json, token: str = token) -> None:
                del parts[token]

            yield part(section, token, remove, "remove", Kind.TOKEN_REMOVED)

        def add(parts: Json) -> None:
            parts["flyte:index:Added"] = {"type": "object", "properties": {"x": {"type": "string"}}}

        yield part(section, "flyte:index:Added", add, "add")

    for token in schema["resources"]:

        def move(resources: Json, token: str = token) -> None:
            resources[f"{token}Moved"] = {**resources.pop(token), "aliases": [{"type": token}]}

        def flip(resources: Json, token: str = token) -> None:
            resources[token]["isComponent"] = not resources[token].get("isComponent", False)

        def alias(resources: Json, token: str = token) -> None:
            resources[token]["aliases"] = [{"type": "flyte:index:Older"}]

        yield part("resources", token, move, "move", Kind.TOKEN_RENAMED)
        yield part("resources", token, flip, "make a component of", Kind.COMPONENT)
        yield part("resources", token, alias, "alias")


def _of_enums(schema: Json) -> Iterator[Mutation]:
    for token, kind in schema["types"].items():
        for index, each in enumerate(kind.get("enum", [])):
            path = f"{token}.{each['value']}"

            def remove(schema: Json, token: str = token, index: int = index) -> None:
                del schema["types"][token]["enum"][index]

            def rename(schema: Json, token: str = token, index: int = index) -> None:
                schema["types"][token]["enum"][index]["name"] = "Other"

            yield Mutation(f"remove {path}", token, remove, frozenset({(path, Kind.ENUM_VALUE_REMOVED)}))
            yield Mutation(f"rename {path}", token, rename, frozenset({(path, Kind.ENUM_NAME)}))
        if "enum" in kind:

            def add(schema: Json, token: str = token) -> None:
                schema["types"][token]["enum"].append({"name": "Other", "value": "other"})

            def retype(schema: Json, token: str = token) -> None:
                schema["types"][token]["type"] = "integer"

            yield Mutation(f"add to {token}", token, add, HARMLESS)
            yield Mutation(f"retype {token}", token, retype, frozenset({(token, Kind.TYPE)}))


def _of_package() -> Iterator[Mutation]:
    def put(*keys: str, value: object = "other") -> Callable[[Json], None]:
        def apply(schema: Json) -> None:
            for key in keys[:-1]:
                schema = schema[key]
            schema[keys[-1]] = value

        return apply

    for key in ("version", "homepage", "repository", "displayName", "description", "publisher"):
        yield Mutation(f"set {key}", key, put(key), HARMLESS)
    yield Mutation("set keywords", "keywords", put("keywords", value=["other"]), HARMLESS)
    yield Mutation("add a language", "language", put("language", "java", value={"basePackage": "com"}), HARMLESS)
    yield Mutation("rename the package", "name", put("name"), frozenset({("name", Kind.PACKAGE)}))
    for language, key in (("nodejs", "packageName"), ("go", "importBasePath"), ("python", "packageName")):
        path = f"language.{language}.{key}"
        yield Mutation(f"set {path}", path, put("language", language, key), frozenset({(path, Kind.PACKAGE)}))
