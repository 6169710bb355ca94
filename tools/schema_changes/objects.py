"""The comparison of two objects: the inputs or outputs of a resource, an object type, the configuration."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from tools.schema_changes.change import Change, Kind
from tools.schema_changes.package import Property, Type


@dataclass(frozen=True)
class Role:
    """The use of an object. Programs pass an accepted object and read a returned one. Object types may be both."""

    accepted: bool = False
    returned: bool = False

    @property
    def removal(self) -> Kind:
        """The kind of the change that removes a property."""
        if self.accepted and self.returned:
            return Kind.PROPERTY_REMOVED
        return Kind.INPUT_REMOVED if self.accepted else Kind.OUTPUT_REMOVED


@dataclass(frozen=True)
class Object:
    """Properties that belong together."""

    properties: Mapping[str, Property]
    required: tuple[str, ...] = ()
    plain: tuple[str, ...] = ()


def object_changes(path: str, old: Object, new: Object, role: Role) -> Iterator[Change]:
    """Yield the breaking changes between two versions of an object."""
    for name, prop in old.properties.items():
        at = f"{path}.{name}"
        if name not in new.properties:
            yield Change(at, role.removal, f"is gone{_successor(name, prop, old, new)}")
            continue
        yield from _property_changes(at, prop, new.properties[name], role)
        plain = name in old.plain, name in new.plain
        if plain[0] != plain[1]:
            yield Change(at, Kind.PLAIN, "is plain now" if plain[1] else "is no longer plain")
        if role.returned and name in old.required and name not in new.required:
            yield Change(at, Kind.MAYBE_ABSENT, "was always set, and may be absent now")
    if role.accepted:
        for name in sorted(set(new.required) - set(old.required)):
            detail = "is required now" if name in old.properties else "is new and required"
            yield Change(f"{path}.{name}", Kind.REQUIRED, detail)


def _property_changes(path: str, old: Property, new: Property, role: Role) -> Iterator[Change]:
    if not _is_same_type(old, new, role):
        yield Change(path, Kind.TYPE, f"was {old}, and is {new} now")
    elif str(old) == str(new) and old.plain_parts != new.plain_parts and not old.one_of:
        yield Change(path, Kind.PLAIN, "is plain now" if any(new.plain_parts) else "is no longer plain")
    if old.const != new.const:
        yield Change(path, Kind.CONST, f"was always {_value(old.const)}, and is {_value(new.const)} now")
    if (old.default, old.default_info) != (new.default, new.default_info):
        yield Change(path, Kind.DEFAULT, f"had {_default(old)} by default, and has {_default(new)} now")
    if old.secret and not new.secret:
        yield Change(path, Kind.SECRET_LOST, "is no longer secret")
    if new.secret and not old.secret and role.returned:
        yield Change(path, Kind.SECRET_GAINED, "is secret now")
    if _replaces(new) and not _replaces(old):
        yield Change(path, Kind.REPLACES, "replaces the resource when it changes")
    if old.language != new.language:
        yield Change(path, Kind.LANGUAGE, "has another name in a language")


def _is_same_type(old: Type, new: Type, role: Role) -> bool:
    """Return whether every program that uses the old type also compiles with the new one.

    A union may gain members if programs only pass it, and lose members if they only read it, also in a list or a map.
    Any other change alters the type of a field in a typed language, as from `pulumi.IntInput` to `pulumi.Float64Input`
    in Go.
    """
    if old.one_of and new.one_of:
        gained, lost = new.members - old.members, old.members - new.members
        return not (gained and role.returned) and not (lost and role.accepted)
    for inner, other in ((old.items, new.items), (old.additional_properties, new.additional_properties)):
        if inner is not None and other is not None and old.type == new.type:
            return _is_same_type(inner, other, role)
    return str(old) == str(new)


def _successor(name: str, prop: Property, old: Object, new: Object) -> str:
    """Return a note on the added property that seems to be the removed one under another name."""
    added = {key: each for key, each in new.properties.items() if key not in old.properties}
    same = [key for key, each in added.items() if each.description and each.description == prop.description]
    near = [*same, *difflib.get_close_matches(name, added, n=1)]
    return f" (now `{near[0]}`?)" if near else ""


def _replaces(prop: Property) -> bool:
    return prop.replace_on_changes or prop.will_replace_on_changes


def _default(prop: Property) -> str:
    return _value(prop.default if prop.default is not None else prop.default_info)


def _value(value: object) -> str:
    return "no value" if value is None else f"`{value}`"
