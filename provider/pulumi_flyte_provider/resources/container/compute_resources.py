"""Requests, limits, accelerator and shared memory. Sources: flyte-sdk `_internal/runtime/resources_serde.py`."""

from __future__ import annotations

from typing import Any

from flyteidl2.core import tasks_pb2
from pulumi_flyte.notation.amounts import above_limits
from pulumi_flyte.problems import Problems

from pulumi_flyte_provider.properties.field_types import Quantity, Text
from pulumi_flyte_provider.properties.shape import Shape, optional_field, required_field

ResourceName = tasks_pb2.Resources.ResourceName
_NAMES = {
    "cpu": ResourceName.CPU,
    "memory": ResourceName.MEMORY,
    "gpu": ResourceName.GPU,
    "storage": ResourceName.STORAGE,
    "ephemeralStorage": ResourceName.EPHEMERAL_STORAGE,
}
_KEYS = {number: key for key, number in _NAMES.items()}
_DEVICES = {
    "A10": "nvidia-a10",
    "A100": "nvidia-tesla-a100",
    "A100G": "nvidia-a100g",
    "A100_80G": "nvidia-a100-80gb",
    "A10G": "nvidia-a10g",
    "H100": "nvidia-tesla-h100",
    "K80": "nvidia-tesla-k80",
    "L4": "nvidia-l4",
    "L40s": "nvidia-l40s",
    "L4_VWS": "nvidia-l4-vws",
    "M60": "nvidia-tesla-m60",
    "P100": "nvidia-tesla-p100",
    "P4": "nvidia-tesla-p4",
    "RTX_PRO_4500": "nvidia-rtx-pro-4500",
    "RTX_PRO_6000": "nvidia-rtx-pro-6000",
    "T4": "nvidia-tesla-t4",
    "V100": "nvidia-tesla-v100",
    "V5E": "tpu-v5-lite-podslice",
    "V5P": "tpu-v5p-slice",
    "V6E": "tpu-v6e-slice",
}
_SHORT = {wire: short for short, wire in _DEVICES.items()}


class Quantities(Shape):
    """Kubernetes quantities by resource."""

    cpu: Quantity | None = optional_field("CPUs, such as `500m` or `2`.")
    memory: Quantity | None = optional_field("Memory, such as `512Mi`.")
    ephemeral_storage: Quantity | None = optional_field("Scratch disk, such as `10Gi`.")
    storage: Quantity | None = optional_field("Disk.")
    gpu: Quantity | None = optional_field("A number of GPUs.")


class Accelerator(Shape):
    """A kind of GPU or TPU."""

    device: Text = required_field("The device, such as `T4` or `A100_80G`, or a node label's value.")
    partition: Text | None = optional_field("The size of a partition, such as `1g.5gb`.")


class Resources(Shape):
    """The compute resources of a container."""

    requests: Quantities | None = optional_field("The reserved amounts.")
    limits: Quantities | None = optional_field("The upper limits.")
    accelerator: Accelerator | None = optional_field("The kind of GPU or TPU.")
    shared_memory: Quantity | None = optional_field("The size of /dev/shm.")


def check_limits(resources: Any, problems: Problems) -> None:
    """Report requests above their limits. `resources` has no secret wrappers and may hold unknown values."""
    sides = [resources.get(side) for side in ("requests", "limits")] if isinstance(resources, dict) else []
    requests, limits = [side if isinstance(side, dict) else {} for side in sides] or ({}, {})
    for resource, reason in above_limits(requests, limits).items():
        problems.add(f"resources.requests.{resource}", reason)


def quantities(resources: Resources | None) -> tasks_pb2.Resources | None:
    """Return the part in the container's message."""
    if resources is None or (resources.requests is None and resources.limits is None):
        return None
    return tasks_pb2.Resources(requests=_entries(resources.requests), limits=_entries(resources.limits))


def extended(resources: Resources | None) -> tasks_pb2.ExtendedResources | None:
    """Return the part outside of the container's message."""
    if resources is None or (resources.accelerator is None and resources.shared_memory is None):
        return None
    result = tasks_pb2.ExtendedResources()
    if resources.accelerator is not None:
        device = _DEVICES.get(resources.accelerator.device, resources.accelerator.device)
        result.gpu_accelerator.device = device
        if device.startswith("tpu-"):
            result.gpu_accelerator.device_class = tasks_pb2.GPUAccelerator.GOOGLE_TPU
        if resources.accelerator.partition:
            result.gpu_accelerator.partition_size = resources.accelerator.partition
    if resources.shared_memory is not None:
        result.shared_memory.mount_path = "/dev/shm"
        result.shared_memory.mount_name = "flyte-shm"
        result.shared_memory.size_limit = resources.shared_memory
    return result


def read(container: tasks_pb2.Resources, extension: tasks_pb2.ExtendedResources) -> dict[str, Any]:
    """Return the properties for these two messages."""
    result: dict[str, Any] = {}
    for key, entries in (("requests", container.requests), ("limits", container.limits)):
        values = {_KEYS[entry.name]: entry.value for entry in entries if entry.name in _KEYS}
        if values:
            result[key] = values
    gpu = extension.gpu_accelerator
    if gpu.device:
        result["accelerator"] = {"device": _SHORT.get(gpu.device, gpu.device)}
        if gpu.partition_size:
            result["accelerator"]["partition"] = gpu.partition_size
    if extension.shared_memory.size_limit:
        result["sharedMemory"] = extension.shared_memory.size_limit
    return result


def _entries(quantities: Quantities | None) -> list[tasks_pb2.Resources.ResourceEntry]:
    values = {} if quantities is None else quantities.model_dump(by_alias=True, exclude_none=True)
    return [tasks_pb2.Resources.ResourceEntry(name=_NAMES[key], value=values[key]) for key in _NAMES if key in values]
