"""Finds versions of tasks on the platform."""

from __future__ import annotations

from flyteidl2.common.list_pb2 import ListRequest, Sort
from flyteidl2.task import task_definition_pb2 as pb
from flyteidl2.task.task_service_pb2 import GetTaskDetailsRequest, ListVersionsRequest

from pulumi_flyte_provider.errors import ApiError, NotFoundError
from pulumi_flyte_provider.flyte_api.connection import optional
from pulumi_flyte_provider.resources.resource import Call

_DATABASE_TROUBLE = "failed to get task"


def version(call: Call, identifier: pb.TaskIdentifier) -> pb.TaskDetails | None:
    """Return the version that the identifier names; None where it does not exist."""
    get, request = call.connection.tasks.get_task_details, GetTaskDetailsRequest(task_id=identifier)
    try:
        return call.connection.call(get, request, what=f"looking up {title(identifier)}").details
    except NotFoundError as error:
        # Flyte OSS says not_found whatever its database's trouble is (flyteorg/flyte `task_service.go`): a task must
        # not fall out of the state for it.
        if _DATABASE_TROUBLE in str(error):
            raise ApiError(str(error), error.code) from error
        return None


def latest(call: Call, identifier: pb.TaskIdentifier) -> pb.TaskDetails | None:
    """Return the version that was created last; None where the task has none."""
    name = pb.TaskName(org=identifier.org, project=identifier.project, domain=identifier.domain, name=identifier.name)
    newest_first = ListRequest(limit=1, sort_by_fields=[Sort(key="created_at", direction=Sort.DESCENDING)])
    request = ListVersionsRequest(request=newest_first, task_name=name)
    versions = optional(
        lambda: call.connection.call(
            call.connection.tasks.list_versions, request, what=f"listing the versions of {title(identifier)}"
        )
    )
    if versions is None or not versions.versions:
        return None
    newest = pb.TaskIdentifier()
    newest.CopyFrom(identifier)
    newest.version = versions.versions[0].version
    return version(call, newest)


def path(identifier: pb.TaskIdentifier) -> str:
    """Return `project/domain/name`."""
    return f"{identifier.project}/{identifier.domain}/{identifier.name}"


def title(identifier: pb.TaskIdentifier) -> str:
    """Return the task as messages name it."""
    at = f"@{identifier.version}" if identifier.version else ""
    return f"the task {path(identifier)}{at}"
