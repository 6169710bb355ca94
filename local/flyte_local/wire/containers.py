"""Containers in the specifications of apps and tasks: the only one, or the primary one of a pod."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

from flyteidl2.core.literals_pb2 import KeyValuePair
from flyteidl2.core.tasks_pb2 import Container, ContainerPort, K8sPod, Resources
from google.protobuf.json_format import MessageToDict

_BUNDLE_OPTIONS = ("--tgz", "--pkl")


def primary_container(pod: K8sPod, default_name: str) -> Container:
    """Return the primary container of a pod, otherwise its first one, as a specification without a pod has it.

    Raises ValueError with the problem, to be put behind the name of the pod.
    """
    try:
        return _primary(MessageToDict(pod.pod_spec), pod, default_name)
    except LookupError:
        raise ValueError(f"has no containers: give it one named {default_name!r}") from None
    except (TypeError, ValueError, AttributeError, OverflowError):
        # A pod is a Struct: any JSON.
        raise ValueError("is not one of Kubernetes: see its command, args, env and ports") from None


def variables_of(container: Container) -> dict[str, str]:
    """Return a container's declared variables."""
    return {pair.key: pair.value for pair in container.env}


def command_of(container: Container) -> list[str]:
    """Return Kubernetes' command followed by its args."""
    return [*container.command, *container.args]


def bundle_uri(command: Sequence[str]) -> str:
    """Return the URI of the code bundle that a command of Flyte's SDK names, or ''."""
    return next((value for option, value in itertools.pairwise(command) if option in _BUNDLE_OPTIONS), "")


def declared_memory(resources: Resources) -> str:
    """Return the memory that a container declares: its limit, otherwise its request, otherwise ''.

    Flyte takes the request for the limit too (flyteplugins `flytek8s/container_helper.go`, AdjustOrDefaultResource).
    """
    for entries in (resources.limits, resources.requests):
        for entry in entries:
            if entry.name == Resources.MEMORY and entry.value:
                return str(entry.value)
    return ""


def _primary(spec: dict[str, Any], pod: K8sPod, default_name: str) -> Container:
    containers = [each for each in spec.get("containers", ()) if isinstance(each, dict)]
    if not containers:
        raise LookupError
    name = pod.primary_container_name or default_name
    primary = next((each for each in containers if each.get("name") == name), containers[0])
    env = [each for each in primary.get("env", ()) if isinstance(each, dict)]
    ports = [each for each in primary.get("ports", ()) if "containerPort" in each]
    container = Container(
        image=str(primary.get("image", "")),
        command=[str(part) for part in primary.get("command", ())],
        args=[str(part) for part in primary.get("args", ())],
        env=[KeyValuePair(key=str(e["name"]), value=str(e["value"])) for e in env if "name" in e and "value" in e],
        ports=[ContainerPort(container_port=int(port["containerPort"])) for port in ports],
        data_config=pod.data_config,
    )
    resources = primary.get("resources")
    for kind in ("limits", "requests"):
        quantities = resources.get(kind) if isinstance(resources, dict) else None
        if isinstance(quantities, dict) and quantities.get("memory"):
            getattr(container.resources, kind).add(name=Resources.MEMORY, value=str(quantities["memory"]))
    return container
