"""The identity of a task and of its versions."""

from __future__ import annotations

from flyteidl2.task.task_definition_pb2 import TaskIdentifier

from pulumi_flyte_provider.properties.values import Properties

TOKEN = "flyte:api:Task"
KEYS = ("name", "project", "domain", "org")


def identifier_of(plain: Properties) -> TaskIdentifier:
    """Return the identifier that revealed inputs name."""
    return TaskIdentifier(**{key: plain.get(key) or "" for key in (*KEYS, "version")})


def path(identifier: TaskIdentifier) -> str:
    """Return `project/domain/name`, the id of the resource."""
    return f"{identifier.project}/{identifier.domain}/{identifier.name}"


def title(identifier: TaskIdentifier) -> str:
    """Return the name of the task for messages."""
    at = f"@{identifier.version}" if identifier.version else ""
    return f"the task {path(identifier)}{at}"
