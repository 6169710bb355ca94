"""The container of a task's specification: its only one, or the primary one of a pod."""

from __future__ import annotations

import itertools

from flyteidl2.core.literals_pb2 import KeyValuePair
from flyteidl2.core.tasks_pb2 import Container, TaskTemplate
from google.protobuf.json_format import MessageToDict

from flyte_local.memory.limit import memory_of_pod_container, with_memory
from flyte_local.wire.identifiers import invalid

DEFAULT_GRACE = 30.0


def container_of(template: TaskTemplate) -> Container:
    """Return the container of a task. Raises INVALID_ARGUMENT if there is nothing that a process could run."""
    name = template.id.name
    target = template.WhichOneof("target")
    if target == "container":
        container = template.container
    elif target == "k8s_pod":
        container = _primary(template)
    else:
        raise invalid(f"task {name!r} has neither a container nor a pod: there is nothing that this server could run")
    if not container.command and not container.args:
        raise invalid(
            f"task {name!r} has no command: an image's own entrypoint cannot run without a container runtime, so set "
            "command or args (on this platform tasks run as processes)"
        )
    return container


def environment_of(container: Container) -> dict[str, str]:
    """Return a container's declared variables."""
    return {pair.key: pair.value for pair in container.env}


def termination_grace(template: TaskTemplate) -> float:
    """Return seconds between SIGTERM and SIGKILL: those of the task's pod, otherwise Kubernetes' 30.

    `flyte.PodTemplate().with_termination_grace_period(…)` sets the field of the pod.
    """
    declared = MessageToDict(template.k8s_pod.pod_spec).get("terminationGracePeriodSeconds")
    return float(declared) if isinstance(declared, (int, float)) and declared >= 0 else DEFAULT_GRACE


def option(container: Container, *names: str) -> str | None:
    """Return the value of the first of the named options in a container's command."""
    argv = [*container.command, *container.args]
    return next((value for argument, value in itertools.pairwise(argv) if argument in names), None)


def _primary(template: TaskTemplate) -> Container:
    try:
        return _first(template)
    except (TypeError, ValueError, AttributeError):
        # A pod is a Struct: any JSON.
        raise invalid(
            f"the pod of task {template.id.name!r} is not one of Kubernetes: see its command, args and env"
        ) from None


def _first(template: TaskTemplate) -> Container:
    pod = template.k8s_pod
    containers = [c for c in MessageToDict(pod.pod_spec).get("containers", ()) if isinstance(c, dict)]
    if not containers:
        raise invalid(f"the pod of task {template.id.name!r} has no containers: give it one named 'primary'")
    primary = next((c for c in containers if c.get("name") == pod.primary_container_name), containers[0])
    env = [e for e in primary.get("env", ()) if isinstance(e, dict) and "name" in e and "value" in e]
    container = Container(
        image=str(primary.get("image", "")),
        command=[str(part) for part in primary.get("command", ())],
        args=[str(part) for part in primary.get("args", ())],
        env=[KeyValuePair(key=str(e["name"]), value=str(e["value"])) for e in env],
        data_config=pod.data_config,
    )
    return with_memory(container, memory_of_pod_container(primary))
