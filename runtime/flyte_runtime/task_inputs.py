"""Whether inputs fit a task's interface, decided before anything is sent: every problem at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from flyte_runtime.errors import nearest

if TYPE_CHECKING:
    from flyte.remote import TaskDetails
    from flyteidl2.core import types_pb2

__all__ = ["input_problems"]


async def input_problems(details: TaskDetails, inputs: Mapping[str, Any]) -> dict[str, str]:
    """What is wrong with each input: unknown, missing, or a value that its type cannot hold. Empty where all fit."""
    interface = details.interface
    variables = {entry.key: entry.value for entry in details.pb2.spec.task_template.interface.inputs.variables}
    problems: dict[str, str] = {}
    for name in inputs:
        if name not in interface.inputs:
            known = ", ".join(interface.inputs) or "none"
            problems[name] = f"the task has no such input{nearest(name, interface.inputs)}; its inputs: {known}"
    for name in details.required_args:
        if name not in inputs:
            problems[name] = f"is missing ({_type_name(interface.inputs[name][0])})"
    for name, value in inputs.items():
        if name in problems or name not in variables:
            continue
        problem = await _value_problem(value, interface.inputs[name][0], variables[name].type)
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
        detail = " ".join(str(error).split())[:200]
        return f"{_shown(value)} is no {_type_name(python_type)}: {detail}"
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
    return getattr(python_type, "__name__", None) or str(python_type)


def _shown(value: Any) -> str:
    """The value's type, never the value: inputs may be private."""
    return f"a value of type {type(value).__name__}"
