"""Converts `TaskInputs` to `flyteidl2.task.TaskSpec` and back. Pure; `read(write(x))` is the normal form of x."""

from __future__ import annotations

from dataclasses import dataclass

from flyteidl2.core import tasks_pb2
from flyteidl2.core.identifier_pb2 import TASK, Identifier
from flyteidl2.task.task_definition_pb2 import TaskSpec
from google.protobuf import json_format

from pulumi_flyte_provider.ownership.mark import Mark
from pulumi_flyte_provider.properties.normal_form import NormalForm
from pulumi_flyte_provider.properties.placeholders import Placeholders
from pulumi_flyte_provider.properties.values import Properties, without_nones
from pulumi_flyte_provider.resources.container import compute_resources, pod_template, secret_requests, variables
from pulumi_flyte_provider.resources.task.shape import TaskInputs

PRIMARY = "primary"  # flyte-sdk `_internal/runtime/task_serde.py`


@dataclass(frozen=True)
class LiveTask:
    """The content of a spec: the inputs for it, and the mark."""

    inputs: Properties
    mark: Mark | None


def write(task: TaskInputs, mark: Mark | None, placeholders: Placeholders) -> TaskSpec:
    """Return the spec for the platform: the template with the properties of the task."""
    spec = json_format.ParseDict(task.template or {}, TaskSpec())
    template = spec.task_template
    _set_identity(template, task)
    container, pod = _container_of(template)
    if task.image is not None:
        container.image = task.image
    for ours, field in ((task.command, container.command), (task.args, container.args)):
        if ours is not None:
            del field[:]
            field.extend(placeholders.fill(text) for text in ours)
    quantities = compute_resources.quantities(task.resources)
    if quantities is not None:
        container.resources.CopyFrom(quantities)
    extended = compute_resources.extended(task.resources)
    if extended is not None:
        template.extended_resources.MergeFrom(extended)
    declared = {pair.key: pair.value for pair in container.env}
    declared.update({key: placeholders.fill(value) for key, value in (task.env or {}).items()})
    del container.env[:]
    container.env.extend(variables.write(declared, variables.Added(mark=mark)))
    if task.secrets is not None:
        del template.security_context.secrets[:]
        template.security_context.secrets.extend(secret_requests.write(task.secrets))
    if pod is not None:
        template.k8s_pod.CopyFrom(pod_template.overlay(pod, container))
    else:
        template.container.CopyFrom(container)
    if not template.type:
        template.type = "container" if pod is None else "pod"
    return spec


def read(live: TaskSpec) -> LiveTask:
    """Return the inputs for this spec. They have values in place of placeholders: see `placeholders.restore`."""
    spec = TaskSpec()
    spec.CopyFrom(live)
    template = spec.task_template
    container, pod = _container_of(template)
    declared, added = variables.read(container.env)
    inputs = without_nones(
        {
            "image": container.image or None,
            "command": list(container.command) or None,
            "args": list(container.args) or None,
            "env": declared or None,
            "secrets": secret_requests.read(template.security_context.secrets) or None,
            "resources": compute_resources.read(container.resources, template.extended_resources) or None,
        }
    )
    _strip(template, container, pod)
    remaining = json_format.MessageToDict(spec)
    if remaining:
        inputs["template"] = remaining
    return LiveTask(inputs, added.mark)


def _round_trip(work: Properties) -> Properties:
    task = TaskInputs.model_validate({**work, "name": "any", "version": "any"})
    return read(write(task, None, Placeholders())).inputs


NORMAL_FORM = NormalForm(
    _round_trip,
    outside=frozenset({"name", "version", "project", "domain", "org", "bundle", "consoleUrl", "instance", "adopt"}),
)


def _container_of(template: tasks_pb2.TaskTemplate) -> tuple[tasks_pb2.Container, Properties | None]:
    """Return the container that runs the task, with the pod template that surrounds it, if any."""
    if not template.HasField("k8s_pod"):
        container = tasks_pb2.Container()
        container.CopyFrom(template.container)
        return container, None
    if not template.k8s_pod.primary_container_name:
        template.k8s_pod.primary_container_name = PRIMARY
    pod, container = pod_template.separate(template.k8s_pod)
    return container, pod


def _strip(template: tasks_pb2.TaskTemplate, container: tasks_pb2.Container, pod: Properties | None) -> None:
    """Remove everything from the template that is a property of the task."""
    template.ClearField("id")
    for name in ("image", "command", "args", "env", "resources"):
        container.ClearField(name)
    if pod is not None:
        template.k8s_pod.CopyFrom(pod_template.overlay(pod, container))
    elif container.ByteSize():
        template.container.CopyFrom(container)
    else:
        template.ClearField("container")
    del template.security_context.secrets[:]
    if not template.security_context.ByteSize():
        template.ClearField("security_context")
    template.ClearField("extended_resources")
    # An upgrade of the SDK must not change a task.
    if template.metadata.HasField("runtime"):
        template.metadata.runtime.ClearField("version")
    if template.type in ("container", "pod"):
        template.ClearField("type")


def _set_identity(template: tasks_pb2.TaskTemplate, task: TaskInputs) -> None:
    template.id.CopyFrom(
        Identifier(
            resource_type=TASK,
            org=task.org or "",
            project=task.project or "",
            domain=task.domain or "",
            name=task.name,
            version=task.version,
        )
    )
