"""`TaskInterface`: the inputs of a task, and the starts that a change of them breaks. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from pulumi_flyte_review.contracts.problems import Problem, shown
from pulumi_flyte_review.contracts.usage import MORE, Start
from pulumi_flyte_review.model.preview import Json

# The protobuf JSON of a `LiteralType`.
LiteralType: TypeAlias = Mapping[str, Json]

_SIMPLE = {
    "INTEGER": "int",
    "FLOAT": "float",
    "STRING": "str",
    "BOOLEAN": "bool",
    "DATETIME": "datetime",
    "DURATION": "timedelta",
    "STRUCT": "dict",
    "NONE": "None",
}
_VALUES: Mapping[str, tuple[type, ...]] = {
    "INTEGER": (int,),
    "FLOAT": (int, float),
    "STRING": (str,),
    "BOOLEAN": (bool,),
}


@dataclass(frozen=True, slots=True)
class Input:
    """An input of a task. is_required: whether a start has to give it."""

    type: LiteralType
    is_required: bool


@dataclass(frozen=True, slots=True)
class TaskInterface:
    """The inputs of a task by name."""

    inputs: Mapping[str, Input]

    @classmethod
    def parse(cls, template: Mapping[str, Json]) -> TaskInterface:
        """Read the `template` of a task: the protobuf JSON of a `TaskSpec`."""
        defaults = {str(each.get("name")) for each in _mappings(template.get("defaultInputs"))}
        task = _mapping(template.get("taskTemplate"))
        variables = _mapping(_mapping(task.get("interface")).get("inputs")).get("variables")
        inputs = {}
        for each in _mappings(variables):
            name, kind = str(each.get("key")), _mapping(_mapping(each.get("value")).get("type"))
            inputs[name] = Input(kind, name not in defaults)
        return cls(inputs)


def start_problems(start: Start, old: TaskInterface, new: TaskInterface) -> Iterator[Problem]:
    """Yield why a task no longer takes the inputs of a start as it did."""
    is_told = MORE not in start.inputs
    for name in sorted({*old.inputs, *new.inputs}):
        before, after = old.inputs.get(name), new.inputs.get(name)
        is_sent = name in start.inputs
        if after is None:
            if before is not None and (is_sent or not is_told):
                yield Problem(f"the input {name} is gone", is_sent or before.is_required)
        elif (before is None or not before.is_required) and after.is_required and not is_sent:
            yield Problem(f"the input {name} is required now", is_told)
        if before is not None and after is not None and before.type != after.type and (is_sent or not is_told):
            if is_sent and _takes_constant(start.inputs[name], before.type, after.type):
                continue
            text = f"the input {name} is {type_name(after.type)} instead of {type_name(before.type)}"
            yield Problem(text, is_sent or before.is_required)


def _takes_constant(shape: Json, old: LiteralType, new: LiteralType) -> bool:
    """Return whether a constant is taken as the new type, or was not taken as the old one."""
    if not isinstance(shape, (list, tuple)) or len(shape) != 2:
        return _is_wider(old, new)
    return _is_of(shape[1], new) or not _is_of(shape[1], old)


def _is_wider(old: LiteralType, new: LiteralType) -> bool:
    """Return whether the new type takes every JSON value of the old one: a float takes whole numbers."""
    if old.get("simple") == "INTEGER" and new.get("simple") == "FLOAT":
        return True
    return any(
        each.get("type", each) == old or _is_wider(old, each)
        for each in _mappings(_mapping(new.get("unionType")).get("variants"))
    )


def _is_of(value: Json, kind: LiteralType) -> bool:
    variants = _mappings(_mapping(kind.get("unionType")).get("variants"))
    if variants:
        return any(_is_of(value, each) for each in variants)
    if value is None:
        return kind.get("simple") == "NONE"
    types = _VALUES.get(str(kind.get("simple")), ())
    return isinstance(value, types) and (bool in types or not isinstance(value, bool))


def type_name(kind: LiteralType) -> str:
    """Return a type as a program spells it, such as `list[int]`."""
    if "simple" in kind:
        return _SIMPLE.get(str(kind["simple"]), str(kind["simple"]).lower())
    if "collectionType" in kind:
        return f"list[{type_name(_mapping(kind['collectionType']))}]"
    if "mapValueType" in kind:
        return f"dict[str, {type_name(_mapping(kind['mapValueType']))}]"
    if "unionType" in kind:
        return " | ".join(type_name(each) for each in _mappings(_mapping(kind["unionType"]).get("variants")))
    if "enumType" in kind:
        values = _mapping(kind["enumType"]).get("values")
        return f"one of {', '.join(map(shown, values))}" if isinstance(values, (list, tuple)) else "an enumeration"
    if "blob" in kind:
        return "dir" if _mapping(kind["blob"]).get("dimensionality") == "MULTIPART" else "file"
    return "another type" if not kind else str(next(iter(kind)))


def _mapping(value: Json) -> Mapping[str, Json]:
    return value if isinstance(value, Mapping) else {}


def _mappings(value: Json) -> list[Mapping[str, Json]]:
    return [each for each in value if isinstance(each, Mapping)] if isinstance(value, (list, tuple)) else []
