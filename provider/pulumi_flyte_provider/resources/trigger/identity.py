"""The identity of a trigger: its task and its name."""

from __future__ import annotations

from flyteidl2.common.identifier_pb2 import TriggerName

from pulumi_flyte_provider.properties.values import Properties
from pulumi_flyte_provider.resources import scope

TOKEN = "flyte:api:Trigger"
KEYS = ("name", "task", "project", "domain", "org")
ID_PARTS = ("project", "domain", "task", "trigger")


def name_of(plain: Properties) -> TriggerName:
    """Return the trigger's name from inputs that have passed Check."""
    return TriggerName(
        org=plain.get("org"),
        project=plain.get("project"),
        domain=plain.get("domain"),
        task_name=plain["task"],
        name=plain["name"],
    )


def path(name: TriggerName) -> str:
    """Return `project/domain/task/trigger`, the id of the resource."""
    return f"{name.project}/{name.domain}/{name.task_name}/{name.name}"


def title(name: TriggerName) -> str:
    """Return the name of the trigger for messages."""
    return f"the trigger {path(name)}"


def parse_id(id: str, org: str) -> TriggerName:
    """Return the trigger's name from a resource's id."""
    project, domain, task, name = scope.split_id(TOKEN, id, *ID_PARTS)
    return TriggerName(org=org, project=project, domain=domain, task_name=task, name=name)
