"""The parts of a task that its source settles, or its image with a command and an interface."""

from __future__ import annotations

from dataclasses import dataclass

from pulumi_flyte.arguments.task import TaskArguments
from pulumi_flyte.arguments.task_interface import TaskInterface
from pulumi_flyte.notation.interfaces import typed_interface
from pulumi_flyte.notation.proto import from_task_spec
from pulumi_flyte.source.description import Description, Json, TaskDescription
from pulumi_flyte.workload.container_builder import ContainerParts

# Where a container task finds its inputs and leaves its outputs (flyte-sdk `extras/_container.py`).
INPUT_PATH, OUTPUT_PATH = "/var/inputs", "/var/outputs"


@dataclass(frozen=True, slots=True)
class TaskParts:
    """The parts of a task. The fields mean what they mean in `TaskSpec`."""

    definition: Json
    container: ContainerParts


def parts_of(arguments: TaskArguments, description: Description) -> TaskParts:
    """Return what the source says, or for a task without a source the container that its arguments say."""
    if not isinstance(description, TaskDescription):
        container = ContainerParts(command=tuple(arguments.command or ()))
        return TaskParts(_container_definition(arguments.interface or TaskInterface()), container)
    properties = from_task_spec(description.spec)
    return TaskParts(properties["template"], ContainerParts.parse(properties))


def _container_definition(interface: TaskInterface) -> Json:
    data = {"enabled": True, "inputPath": INPUT_PATH, "outputPath": OUTPUT_PATH, "format": "JSON"}
    return {
        "taskTemplate": {
            "type": "raw-container",
            "metadata": {"runtime": {"type": "FLYTE_SDK", "flavor": "python"}},
            "interface": typed_interface(interface.inputs, interface.outputs),
            "container": {"dataConfig": data},
        }
    }
