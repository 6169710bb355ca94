"""The container that a task runs, and the time that it has to end."""

from __future__ import annotations

from flyteidl2.core.tasks_pb2 import Container, TaskTemplate
from google.protobuf.json_format import MessageToDict

from flyte_local.wire.containers import bundle_uri, command_of, primary_container
from flyte_local.wire.identifiers import invalid

DEFAULT_GRACE = 30.0


def container_of(template: TaskTemplate) -> Container:
    """Return the container of a task. Raises INVALID_ARGUMENT if there is nothing that a process could run."""
    name = template.id.name
    target = template.WhichOneof("target")
    if target == "container":
        container = template.container
    elif target == "k8s_pod":
        try:
            container = primary_container(template.k8s_pod, "primary")
        except ValueError as error:
            raise invalid(f"the pod of task {name!r} {error}") from None
    else:
        raise invalid(f"task {name!r} has neither a container nor a pod: there is nothing that this server could run")
    if not container.command and not container.args:
        raise invalid(
            f"task {name!r} has no command: an image's own entrypoint cannot run without a container runtime, so set "
            "command or args (on this platform tasks run as processes)"
        )
    return container


def bundle_argument(template: TaskTemplate) -> str:
    """Return the URI of a task's code bundle, or '' if it has none."""
    return bundle_uri(command_of(container_of(template)))


def termination_grace(template: TaskTemplate) -> float:
    """Return seconds between SIGTERM and SIGKILL: those of the task's pod, otherwise Kubernetes' 30.

    `flyte.PodTemplate().with_termination_grace_period(…)` sets the field of the pod.
    """
    declared = MessageToDict(template.k8s_pod.pod_spec).get("terminationGracePeriodSeconds")
    return float(declared) if isinstance(declared, (int, float)) and declared >= 0 else DEFAULT_GRACE
