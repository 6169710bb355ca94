"""Checks and converts the inputs of a task before anything is sent, and reports all problems at once."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from flyte_runtime.errors import nearest
from flyte_runtime.tasks.json_schema import Misfit
from flyte_runtime.tasks.literals import Fitted, fitted, type_name

if TYPE_CHECKING:
    from flyte.remote import TaskDetails
    from flyteidl2.core import types_pb2

__all__ = ["Interface", "fitted_inputs", "of_anything", "of_details", "of_function", "of_task"]


@dataclass(frozen=True)
class Interface:
    """The inputs that a task takes.

    types: the Python type of each input.
    literal_types: the Flyte type of each input that is checked.
    required: the names of the inputs without a default.
    open: True if the task takes inputs of any name.
    """

    types: Mapping[str, Any]
    literal_types: Mapping[str, types_pb2.LiteralType] = field(default_factory=dict)
    required: tuple[str, ...] = ()
    open: bool = False


def of_details(details: TaskDetails) -> Interface:
    """Return the interface of a task on the control plane."""
    variables = details.pb2.spec.task_template.interface.inputs.variables
    return Interface(
        types={name: entry[0] for name, entry in details.interface.inputs.items()},
        literal_types={entry.key: entry.value.type for entry in variables},
        required=details.required_args,
    )


def of_task(task: Any) -> Interface:
    """Return the interface of a task that is defined in this process."""
    from flyte.types import TypeEngine

    native = task.native_interface
    types = native.get_input_types()
    literal_types = {name: TypeEngine.to_literal_type(python_type) for name, python_type in types.items()}
    return Interface(types, literal_types, tuple(native.required_inputs()))


def of_function(function: Callable[..., Any]) -> Interface:
    """Return the interface of a plain function: its parameters by name, of any type."""
    parameters = inspect.signature(function).parameters.values()
    inputs = [
        parameter for parameter in parameters if parameter.kind not in {parameter.VAR_KEYWORD, parameter.VAR_POSITIONAL}
    ]
    return Interface(
        types={parameter.name: Any for parameter in inputs},
        required=tuple(parameter.name for parameter in inputs if parameter.default is parameter.empty),
        open=any(parameter.kind is parameter.VAR_KEYWORD for parameter in parameters),
    )


def of_anything() -> Interface:
    """Return an interface that takes any input."""
    return Interface({}, open=True)


async def fitted_inputs(interface: Interface, inputs: Mapping[str, Any]) -> tuple[dict[str, Fitted], dict[str, str]]:
    """Convert the inputs to the types of the interface. Return the converted ones, and a problem for each other one.

    A problem is an unknown name, a missing input, or a value that does not fit its type.
    """
    fits: dict[str, Fitted] = {}
    problems: dict[str, str] = {}
    for name in interface.required:
        if name not in inputs:
            problems[name] = f"is missing ({type_name(interface.types[name])})"
    for name, value in inputs.items():
        if name not in interface.types and not interface.open:
            inputs_of_task = ", ".join(interface.types) or "none"
            problems[name] = f"the task has no such input{nearest(name, interface.types)}; its inputs: {inputs_of_task}"
        elif name not in interface.literal_types:
            fits[name] = Fitted(value)
        else:
            try:
                fits[name] = await fitted(value, interface.literal_types[name], interface.types[name])
            except Misfit as misfit:
                problems[name] = str(misfit)
            except RecursionError:
                problems[name] = "it is nested too deeply"
    return fits, problems
