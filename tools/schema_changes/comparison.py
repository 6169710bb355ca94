"""The comparison of two package schemas. It flags all that Pulumi's `schema-tools compare` calls breaking, and more:
enum values, unions, secrets, constants, defaults, aliases, `plain`, and names in languages."""

from __future__ import annotations

from collections.abc import Iterator

from tools.schema_changes.change import Change, Kind
from tools.schema_changes.objects import Object, Role, object_changes
from tools.schema_changes.package import Function, NamedType, Package, Resource

ACCEPTED = Role(accepted=True)
RETURNED = Role(returned=True)
# The keys of a language's part by which programs import the package.
IMPORTS = ("packageName", "importBasePath", "rootNamespace", "basePackage", "namespaces", "moduleNameOverrides")


def breaking_changes(old: Package, new: Package) -> tuple[Change, ...]:
    """Return what a program or a stack of the old package would meet with the new one, in the order of paths."""
    changes = {*_package(old, new), *_resources(old, new), *_functions(old, new), *_types(old, new)}
    return tuple(sorted(changes, key=str))


def _package(old: Package, new: Package) -> Iterator[Change]:
    for key, was, now in (("name", old.name, new.name), ("namespace", old.namespace, new.namespace)):
        if was != now:
            yield Change(key, Kind.PACKAGE, f"was `{was}`, and is `{now}` now")
    for language, settings in old.language.items():
        for key in IMPORTS:
            name, other = settings.get(key), new.language.get(language, {}).get(key)
            if name != other:
                yield Change(f"language.{language}.{key}", Kind.PACKAGE, f"was `{name}`, and is `{other}` now")
    was_config = Object(old.config.variables, old.config.defaults)
    yield from object_changes("config", was_config, Object(new.config.variables, new.config.defaults), ACCEPTED)
    yield from _resource("provider", old.provider, new.provider)


def _resources(old: Package, new: Package) -> Iterator[Change]:
    for token, resource in old.resources.items():
        if token in new.resources:
            yield from _resource(token, resource, new.resources[token])
            continue
        heirs = [key for key, each in new.resources.items() if any(alias.type == token for alias in each.aliases)]
        if heirs:
            yield Change(token, Kind.TOKEN_RENAMED, f"is `{heirs[0]}` now")
        else:
            yield Change(token, Kind.TOKEN_REMOVED, "is gone")


def _resource(path: str, old: Resource, new: Resource) -> Iterator[Change]:
    inputs = Object(old.input_properties, old.required_inputs, old.plain_inputs)
    new_inputs = Object(new.input_properties, new.required_inputs, new.plain_inputs)
    yield from object_changes(f"{path}.inputs", inputs, new_inputs, ACCEPTED)
    outputs = Object(old.properties, old.required, old.plain)
    yield from object_changes(f"{path}.outputs", outputs, Object(new.properties, new.required, new.plain), RETURNED)
    yield from object_changes(f"{path}.state", _object(old.state_inputs), _object(new.state_inputs), ACCEPTED)
    yield from object_changes(f"{path}.list", _object(old.list_inputs), _object(new.list_inputs), ACCEPTED)
    for alias in sorted({each.type for each in old.aliases} - {each.type for each in new.aliases}):
        yield Change(path, Kind.ALIAS_REMOVED, f"has no alias `{alias}` any more")
    if old.is_component != new.is_component:
        yield Change(path, Kind.COMPONENT, f"is {'a component' if new.is_component else 'no component'} now")
    for name, function in old.methods.items():
        if new.methods.get(name) != function:
            yield Change(f"{path}.methods.{name}", Kind.METHOD_REMOVED, "is gone, or calls another function")
    if old.language != new.language:
        yield Change(path, Kind.LANGUAGE, "has another name in a language")


def _functions(old: Package, new: Package) -> Iterator[Change]:
    for token, function in old.functions.items():
        if token not in new.functions:
            yield Change(token, Kind.TOKEN_REMOVED, "is gone")
        else:
            yield from _function(token, function, new.functions[token])


def _function(path: str, old: Function, new: Function) -> Iterator[Change]:
    had, has = bool(old.inputs.properties), bool(new.inputs.properties)
    if had != has or old.multi_argument_inputs != new.multi_argument_inputs:
        yield Change(path, Kind.SIGNATURE, "takes other arguments")
    yield from object_changes(f"{path}.inputs", _object(old.inputs), _object(new.inputs), ACCEPTED)
    yield from object_changes(f"{path}.outputs", _object(old.outputs), _object(new.outputs), RETURNED)
    if old.language != new.language:
        yield Change(path, Kind.LANGUAGE, "has another name in a language")


def _types(old: Package, new: Package) -> Iterator[Change]:
    returned = returned_types(old)
    for token, kind in old.types.items():
        if token not in new.types:
            yield Change(token, Kind.TOKEN_REMOVED, "is gone")
            continue
        other = new.types[token]
        if (kind.type, bool(kind.enum)) != (other.type, bool(other.enum)):
            yield Change(token, Kind.TYPE, f"was {_nature(kind)}, and is {_nature(other)} now")
            continue
        yield from object_changes(token, _object(kind), _object(other), Role(accepted=True, returned=token in returned))
        yield from _enum(token, kind, other)
        if kind.language != other.language:
            yield Change(token, Kind.LANGUAGE, "has another name in a language")


def _enum(path: str, old: NamedType, new: NamedType) -> Iterator[Change]:
    """Yield the changes of an enum. It may gain values: a reader has to expect the values of later versions."""
    values = {str(each.value): each for each in new.enum}
    for each in old.enum:
        value = str(each.value)
        if value not in values:
            yield Change(f"{path}.{value}", Kind.ENUM_VALUE_REMOVED, "is gone")
        elif values[value].name != each.name:
            detail = f"was the constant `{each.name}`, and is `{values[value].name}` now"
            yield Change(f"{path}.{value}", Kind.ENUM_NAME, detail)


def returned_types(package: Package) -> frozenset[str]:
    """Return the tokens of the types that programs can read from an output."""
    properties = [prop for resource in package.resources.values() for prop in resource.properties.values()]
    properties += [prop for function in package.functions.values() for prop in function.outputs.properties.values()]
    reached: set[str] = set()
    queue = [token for prop in properties for token in prop.references]
    while queue:
        token = queue.pop()
        if token not in reached:
            reached.add(token)
            kind = package.types.get(token, NamedType())
            queue += [each for prop in kind.properties.values() for each in prop.references]
    return frozenset(reached)


def _object(kind: NamedType) -> Object:
    return Object(kind.properties, kind.required, kind.plain)


def _nature(kind: NamedType) -> str:
    return f"an enum of type {kind.type}" if kind.enum else f"a type {kind.type}"
