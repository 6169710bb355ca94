"""`ContainerResources`: what a container requests and may use, as quantities of Kubernetes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from pulumi_flyte.arguments.resources import Resources


class Accelerator(NamedTuple):
    """A kind of GPU, and the part of it if it is partitioned."""

    device: str
    partition: str | None = None


class ContainerResources(NamedTuple):
    """The resources of a container.

    requests, limits: quantities by resource: `cpu`, `memory`, `ephemeralStorage`, `storage` and `gpu`.
    shared_memory: the size of `/dev/shm`, or `auto`.
    """

    requests: Mapping[str, str] = {}
    limits: Mapping[str, str] = {}
    accelerator: Accelerator | None = None
    shared_memory: str | None = None

    @classmethod
    def of(cls, resources: Resources | None) -> ContainerResources | None:
        """Return the resources that an argument says. Return None for an empty one."""
        if resources is None or resources == Resources():
            return None
        device, shared = resources.accelerator, resources.shm
        return cls(
            requests=resources.requests,
            limits=resources.limits,
            accelerator=None if device is None else Accelerator(device),
            shared_memory=None if shared is None else str(shared),
        )

    @classmethod
    def parse(cls, properties: Mapping[str, Any]) -> ContainerResources | None:
        """Return the resources of the property `resources` of `flyte:api` resources. Return None for an empty one."""
        if not properties:
            return None
        accelerator = properties.get("accelerator")
        return cls(
            requests=properties.get("requests", {}),
            limits=properties.get("limits", {}),
            accelerator=None if accelerator is None else Accelerator(**accelerator),
            shared_memory=properties.get("sharedMemory"),
        )

    @property
    def requests_gpu(self) -> bool:
        """True if the container requests a GPU."""
        return self.requests.get("gpu", "0") != "0"

    def properties(self) -> dict[str, Any]:
        """Return the property `resources` of `flyte:api` resources."""
        accelerator = self.accelerator and {"device": self.accelerator.device, "partition": self.accelerator.partition}
        properties = {
            "requests": self.requests,
            "limits": self.limits,
            "accelerator": accelerator and {key: value for key, value in accelerator.items() if value is not None},
            "sharedMemory": self.shared_memory,
        }
        return {key: value for key, value in properties.items() if value}
