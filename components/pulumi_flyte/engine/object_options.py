"""The options of a component that concern its object.

For Pulumi, a component has arguments and no object. `protect`, `retain_on_delete`, `deleted_with` and `transforms`
reach the resources below it. Options that name properties do not, and Pulumi ignores them without a word. So a
component hands them to the resource that it stands for.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import pulumi

from pulumi_flyte.naming.casing import camel

# `env.LOG_LEVEL` or `env["LOG_LEVEL"]`.
_PATH = re.compile(r"""(?P<argument>[A-Za-z_]+|\*)(?:\.(?P<name>[^.\[\]]+)|\[["'](?P<key>[^"']+)["']\])?""")
EVERYTHING = "*"


class PropertyPath(NamedTuple):
    """A property of a resource, or one entry of it."""

    name: str
    entry: str = ""

    @property
    def text(self) -> str:
        """The path as Pulumi reads it."""
        return f'{self.name}["{self.entry}"]' if self.entry else self.name


def parsed(path: str) -> PropertyPath | None:
    """Return the argument in an option such as `ignore_changes`, in camelCase. Return None for no such path."""
    match = _PATH.fullmatch(path)
    return None if match is None else PropertyPath(camel(match["argument"]), match["name"] or match["key"] or "")


@dataclass(frozen=True, slots=True)
class ObjectProperties:
    """The properties of the resource that a component stands for.

    names: an argument of the component, and the property with its value.
    ignorable: the arguments whose changes may be ignored. Those in `entries` only by the entry.
    """

    names: Mapping[str, str]
    ignorable: frozenset[str] = frozenset()
    entries: frozenset[str] = frozenset()

    def paths(self, options: Sequence[str] | None) -> list[PropertyPath]:
        """Return the properties of an option. Paths that name none have been refused."""
        by_argument = {camel(argument): name for argument, name in self.names.items()}
        paths = [path for option in options or () if (path := parsed(option)) is not None]
        return [path._replace(name=by_argument.get(path.name, path.name)) for path in paths]


@dataclass(frozen=True, slots=True)
class ObjectOptions:
    """The options of a component for its resource, with the properties of that resource."""

    ignored: tuple[PropertyPath, ...] = ()
    replacing: tuple[PropertyPath, ...] = ()
    hidden: tuple[PropertyPath, ...] = ()
    delete_before_replace: bool | None = None
    replacement_trigger: object = None
    replace_with: tuple[pulumi.Resource, ...] = ()
    hooks: pulumi.ResourceHookBinding | None = None

    @classmethod
    def of(cls, options: pulumi.ResourceOptions | None, properties: ObjectProperties | None) -> ObjectOptions:
        """Return the options of a component. One that stands for several resources or for none has no `properties`."""
        if options is None or properties is None:
            return cls()
        return cls(
            ignored=tuple(properties.paths(options.ignore_changes)),
            replacing=tuple(properties.paths(options.replace_on_changes)),
            hidden=tuple(properties.paths(options.hide_diffs)),
            delete_before_replace=options.delete_before_replace,
            replacement_trigger=options.replacement_trigger,
            # A component is not replaced when its resource is.
            replace_with=tuple(getattr(each, "resource", each) for each in options.replace_with or ()),
            hooks=options.hooks,
        )

    def add_to(self, options: pulumi.ResourceOptions) -> None:
        """Add them to the options of the resource.

        Its `replace_with` does not have the component: with that in the state, `pulumi state move` and `rename` fail.
        """
        options.replace_with = list(self.replace_with) or None
        options.replacement_trigger = self.replacement_trigger
        options.ignore_changes = [path.text for path in self.ignored] or None
        options.replace_on_changes = [path.text for path in self.replacing] or None
        options.hide_diffs = [path.text for path in self.hidden] or None
        options.delete_before_replace = self.delete_before_replace
        options.hooks = self.hooks


def without_hooks(options: pulumi.ResourceOptions | None) -> pulumi.ResourceOptions | None:
    """Return the options of the component itself.

    Its resource has the hooks. The component would call them when its arguments change, which new code does not, and
    would call `before_delete` when the object is gone already.
    """
    if options is None or options.hooks is None:
        return options
    result = copy.copy(options)
    result.hooks = None
    return result


def without(properties: Mapping[str, object], paths: Sequence[PropertyPath]) -> dict[str, object]:
    """Return the properties, by keyword, without those whose changes are ignored."""
    whole = {path.name for path in paths if not path.entry}
    counted = {keyword: value for keyword, value in properties.items() if camel(keyword) not in whole}
    for path in paths:
        value = counted.get(path.name)
        if path.entry and isinstance(value, Mapping):
            counted[path.name] = {name: each for name, each in value.items() if name != path.entry}
    return counted
