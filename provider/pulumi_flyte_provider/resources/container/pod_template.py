"""Pod templates. `overlay` adds properties of a workload to the primary container, and `separate` removes them again.

A pod template is protobuf JSON of `K8sPod`; its `podSpec` is a Kubernetes PodSpec.
"""

from __future__ import annotations

import copy
from typing import Any

from flyteidl2.core import tasks_pb2
from flyteidl2.core.literals_pb2 import KeyValuePair
from google.protobuf import json_format

DEFAULT_PRIMARY = "app"
_QUANTITIES = {
    tasks_pb2.Resources.CPU: "cpu",
    tasks_pb2.Resources.MEMORY: "memory",
    tasks_pb2.Resources.EPHEMERAL_STORAGE: "ephemeral-storage",
    tasks_pb2.Resources.STORAGE: "storage",
    tasks_pb2.Resources.GPU: "nvidia.com/gpu",
}
_NUMBERS = {name: number for number, name in _QUANTITIES.items()}


def overlay(pod: dict[str, Any], container: tasks_pb2.Container) -> tasks_pb2.K8sPod:
    """Return the template with the container's fields in its primary container."""
    template = copy.deepcopy(pod)
    spec = template.setdefault("podSpec", {})
    primary = _primary(template, spec, create=True)
    assert primary is not None
    if container.image:
        primary["image"] = container.image
    if container.command:
        primary["command"] = list(container.command)
    if container.args:
        primary["args"] = list(container.args)
    _overlay_env(primary, container)
    if container.ports:
        ports = [p for p in primary.get("ports", []) if int(p.get("containerPort", 0)) != _port(container)]
        primary["ports"] = [{"containerPort": _port(container)}, *ports]
    for key, entries in (("requests", container.resources.requests), ("limits", container.resources.limits)):
        for entry in entries:
            primary.setdefault("resources", {}).setdefault(key, {})[_QUANTITIES[entry.name]] = entry.value
    return json_format.ParseDict(template, tasks_pb2.K8sPod())


def separate(pod: tasks_pb2.K8sPod) -> tuple[dict[str, Any], tasks_pb2.Container]:
    """Return the template without its primary container's fields, and these fields as a container."""
    template: dict[str, Any] = json_format.MessageToDict(pod)
    container = tasks_pb2.Container()
    primary = _primary(template, template.get("podSpec", {}), create=False)
    if primary is None:
        return template, container
    container.image = primary.pop("image", "")
    container.command.extend(primary.pop("command", []))
    container.args.extend(primary.pop("args", []))
    for variable in primary.pop("env", []):
        if set(variable) <= {"name", "value"}:
            container.env.append(KeyValuePair(key=variable["name"], value=variable.get("value", "")))
        else:
            primary.setdefault("env", []).append(variable)
    _separate_port(primary, container)
    _separate_quantities(primary, container)
    return template, container


def _primary(template: dict[str, Any], spec: dict[str, Any], *, create: bool) -> dict[str, Any] | None:
    containers: list[dict[str, Any]] = spec.get("containers", [])
    name = template.get("primaryContainerName") or DEFAULT_PRIMARY
    for container in containers:
        if container.get("name") == name:
            return container
    if containers and "primaryContainerName" not in template:
        return containers[0]
    if not create:
        return None
    created: dict[str, Any] = {"name": name}
    spec["containers"] = [created, *containers]
    return created


def _overlay_env(primary: dict[str, Any], container: tasks_pb2.Container) -> None:
    if not container.env:
        return
    names = {pair.key for pair in container.env}
    others = [variable for variable in primary.get("env", []) if variable.get("name") not in names]
    added = [{"name": pair.key, "value": pair.value} for pair in container.env]
    primary["env"] = sorted([*others, *added], key=lambda variable: str(variable.get("name")))


def _port(container: tasks_pb2.Container) -> int:
    return int(container.ports[0].container_port)


def _separate_port(primary: dict[str, Any], container: tasks_pb2.Container) -> None:
    ports = primary.get("ports", [])
    if ports and set(ports[0]) <= {"containerPort"}:
        container.ports.append(tasks_pb2.ContainerPort(container_port=int(ports[0]["containerPort"])))
        del ports[0]
        if not ports:
            del primary["ports"]


def _separate_quantities(primary: dict[str, Any], container: tasks_pb2.Container) -> None:
    resources = primary.get("resources", {})
    for key, entries in (("requests", container.resources.requests), ("limits", container.resources.limits)):
        values = resources.get(key, {})
        for name in [name for name in values if name in _NUMBERS]:
            entries.append(tasks_pb2.Resources.ResourceEntry(name=_NUMBERS[name], value=str(values.pop(name))))
        if key in resources and not values:
            del resources[key]
    if "resources" in primary and not resources:
        del primary["resources"]
