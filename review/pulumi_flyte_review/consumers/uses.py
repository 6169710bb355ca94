"""`Use`: a place in a stack that depends on an output of another stack, as the state tells. Pure.

A `StackLink` leaves its output's name in the state. Of a `pulumi.StackReference` the state says which properties come
from it, and which outputs the other stack had: the output is the one with the value that the property has.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from pulumi_flyte.wiring.stack_links import FROM

from pulumi_flyte_review.consumers.exports import HIDDEN, NOT_KNOWN, Export, export_of
from pulumi_flyte_review.model.preview import Json

REFERENCE = "pulumi:pulumi:StackReference"
_COMPONENT = "flyte:index:"
Resource = Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class Use:
    """A use of an output.

    consumer: the full name of the stack. urn, path: the resource and the property that depend on the output.
    stack: the full name of the stack that has the output. outputs: its name; several where their values are equal, and
    none where the value was changed on the way. export: the output as it was. is_checked: whether a `StackLink` checks
    the place of what it leads to. project: the project that a `StackLink` asks for.
    """

    consumer: str
    urn: str
    path: str
    stack: str
    outputs: tuple[str, ...]
    export: Export
    is_checked: bool = False
    project: str | None = None


def uses_of(consumer: str, resources: Iterable[Resource]) -> Iterator[Use]:
    """Yield the uses in a stack's state."""
    resources = list(resources)
    references = {str(each["urn"]): each for each in resources if each.get("type") == REFERENCE}
    for each in resources:
        # What a component of ours is made of repeats the component's own arguments.
        if each.get("type") == REFERENCE or _COMPONENT in str(each.get("parent", "")):
            continue
        if str(each.get("type", "")).startswith(_COMPONENT):
            yield from _linked(consumer, each)
        yield from _referenced(consumer, each, references)


def _linked(consumer: str, resource: Resource) -> Iterator[Use]:
    for path, value in _mappings(resource.get("inputs"), ""):
        origin = value.get(FROM)
        if isinstance(origin, Mapping):
            yield Use(
                consumer,
                str(resource["urn"]),
                path.removesuffix(".to"),
                str(origin.get("stack")),
                (str(origin.get("output")),),
                export_of(value),
                is_checked=True,
                project=str(origin["project"]) if "project" in origin else None,
            )


def _referenced(consumer: str, resource: Resource, references: Mapping[str, Resource]) -> Iterator[Use]:
    dependencies, inputs = resource.get("propertyDependencies"), resource.get("inputs")
    if not isinstance(dependencies, Mapping) or not isinstance(inputs, Mapping):
        return
    for key, urns in dependencies.items():
        for urn in urns if isinstance(urns, Sequence) else ():
            if str(urn) in references:
                yield from _by_value(consumer, str(resource["urn"]), key, inputs.get(key), references[str(urn)])


def _by_value(consumer: str, urn: str, key: str, value: Json, reference: Resource) -> Iterator[Use]:
    """Yield the uses in a property that comes from a StackReference."""
    properties = reference.get("outputs")
    before = properties.get("outputs") if isinstance(properties, Mapping) else None
    exports = {name: export_of(each) for name, each in before.items()} if isinstance(before, Mapping) else {}
    stack = str(properties.get("name")) if isinstance(properties, Mapping) else ""
    is_told = False
    for path, part in _parts(value, key):
        names = tuple(sorted(name for name, export in exports.items() if _is_same(export, part)))
        if names:
            is_told = True
            yield Use(consumer, urn, path.removesuffix(".to"), stack, names, exports[names[0]])
    if not is_told:
        yield Use(consumer, urn, key, stack, (), Export(NOT_KNOWN))


def _is_same(export: Export, part: Json) -> bool:
    if export.target is not None:
        return isinstance(part, Mapping) and FROM not in part and export_of(part).target == export.target
    if export.kind in (HIDDEN, NOT_KNOWN, "nothing"):
        return False
    return type(export.value) is type(part) and export.value == part


def _parts(value: Json, path: str) -> Iterator[tuple[str, Json]]:
    """Yield a value and all inside of it. What is inside of a link is not yielded."""
    yield path, value
    if isinstance(value, Mapping) and export_of(value).target is None:
        for key, item in value.items():
            yield from _parts(item, f"{path}.{key}")
    elif isinstance(value, Sequence) and not isinstance(value, str):
        for index, item in enumerate(value):
            yield from _parts(item, f"{path}[{index}]")


def _mappings(value: Json, path: str) -> Iterator[tuple[str, Mapping[str, Json]]]:
    for where, part in _parts(value, path):
        if isinstance(part, Mapping):
            yield where.removeprefix("."), part
