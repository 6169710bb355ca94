"""Whether inputs fit a task's interface, decided before anything is sent: every problem at once."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, get_args, get_origin

from flyte_runtime.errors import nearest

if TYPE_CHECKING:
    from flyte.remote import TaskDetails
    from flyteidl2.core import types_pb2

__all__ = ["Interface", "input_problems", "of_anything", "of_details", "of_function", "of_task", "widened"]

# The type engine quotes values; what an input holds may be private.
_QUOTED = re.compile(r"got '.*?' of type", re.DOTALL)


@dataclass(frozen=True)
class Interface:
    """What a task takes: the Python type of each input, Flyte's own type of those that are checked, which must be
    given. An open one takes everything."""

    types: Mapping[str, Any]
    literal_types: Mapping[str, types_pb2.LiteralType] = field(default_factory=dict)
    required: tuple[str, ...] = ()
    open: bool = False


def of_details(details: TaskDetails) -> Interface:
    """Of a task that the control plane has."""
    variables = details.pb2.spec.task_template.interface.inputs.variables
    return Interface(
        types={name: entry[0] for name, entry in details.interface.inputs.items()},
        literal_types={entry.key: entry.value.type for entry in variables},
        required=details.required_args,
    )


def of_task(task: Any) -> Interface:
    """Of a task of Flyte's SDK in this process."""
    from flyte.types import TypeEngine

    native = task.native_interface
    types = native.get_input_types()
    literal_types = {name: TypeEngine.to_literal_type(python_type) for name, python_type in types.items()}
    return Interface(types, literal_types, tuple(native.required_inputs()))


def of_function(function: Callable[..., Any]) -> Interface:
    """Of a plain function: its parameters by name, of any type."""
    parameters = inspect.signature(function).parameters.values()
    named = [
        parameter for parameter in parameters if parameter.kind not in {parameter.VAR_KEYWORD, parameter.VAR_POSITIONAL}
    ]
    return Interface(
        types={parameter.name: Any for parameter in named},
        required=tuple(parameter.name for parameter in named if parameter.default is parameter.empty),
        open=any(parameter.kind is parameter.VAR_KEYWORD for parameter in parameters),
    )


def of_anything() -> Interface:
    """Of a task about which nothing is known."""
    return Interface({}, open=True)


def widened(interface: Interface, inputs: Mapping[str, Any]) -> dict[str, Any]:
    """The inputs with every int that stands where a float is wanted as that float: JSON writes 30 for 30.0."""
    types = interface.types
    return {name: _widen(value, types[name]) if name in types else value for name, value in inputs.items()}


def _widen(value: Any, wanted: Any) -> Any:
    if wanted is float:
        return float(value) if type(value) is int else value
    origin, arguments = get_origin(wanted), get_args(wanted)
    if origin is list and isinstance(value, list):
        return [_widen(item, arguments[0]) for item in value]
    if origin is dict and isinstance(value, dict):
        return {key: _widen(item, arguments[1]) for key, item in value.items()}
    if float in arguments and int not in arguments:  # a union, as of an optional float
        return _widen(value, float)
    return value


async def input_problems(interface: Interface, inputs: Mapping[str, Any]) -> dict[str, str]:
    """What is wrong with each input: unknown, missing, or a value that its type cannot hold. Empty where all fit."""
    problems: dict[str, str] = {}
    for name in inputs:
        if name not in interface.types and not interface.open:
            known = ", ".join(interface.types) or "none"
            problems[name] = f"the task has no such input{nearest(name, interface.types)}; its inputs: {known}"
    for name in interface.required:
        if name not in inputs:
            problems[name] = f"is missing ({_type_name(interface.types[name])})"
    for name, value in inputs.items():
        if name in problems or name not in interface.literal_types:
            continue
        problem = await _value_problem(value, interface.types[name], interface.literal_types[name])
        if problem:
            problems[name] = problem
    return problems


async def _value_problem(value: Any, python_type: Any, literal_type: types_pb2.LiteralType) -> str | None:
    if _is_offloaded(literal_type):
        return None  # converting a file or a data frame uploads it: left to the start itself
    from flyte.types import TypeEngine

    try:
        await TypeEngine.to_literal(value, python_type, literal_type)
    except Exception as error:  # the type engine raises whatever a transformer raises
        detail = _QUOTED.sub("got a value of type", " ".join(str(error).split()))[:200]
        return f"a value of type {type(value).__name__} is no {_type_name(python_type)}: {detail}"
    return None


def _is_offloaded(literal_type: types_pb2.LiteralType) -> bool:
    kind = literal_type.WhichOneof("type")
    if kind == "collection_type":
        return _is_offloaded(literal_type.collection_type)
    if kind == "map_value_type":
        return _is_offloaded(literal_type.map_value_type)
    if kind == "union_type":
        return any(_is_offloaded(variant) for variant in literal_type.union_type.variants)
    return kind in {"blob", "structured_dataset", "schema"}


def _type_name(python_type: Any) -> str:
    return str(python_type).removeprefix("typing.") if get_args(python_type) else getattr(python_type, "__name__", "?")
