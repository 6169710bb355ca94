"""The calls of TaskService."""

from __future__ import annotations

from flyteidl2.common.list_pb2 import ListRequest, Sort
from flyteidl2.task import task_definition_pb2 as pb
from flyteidl2.task.task_service_pb2 import DeployTaskRequest, GetTaskDetailsRequest, ListVersionsRequest

from pulumi_flyte_provider.errors import ApiError, NotFoundError
from pulumi_flyte_provider.flyte_api.connection import Connection, optional
from pulumi_flyte_provider.resources.task.identity import title

_DATABASE_ERROR = "failed to get task"


def get_version(connection: Connection, identifier: pb.TaskIdentifier) -> pb.TaskDetails | None:
    """Return the version of the task, or None if it does not exist."""
    method, request = connection.tasks.get_task_details, GetTaskDetailsRequest(task_id=identifier)
    try:
        return connection.call(method, request, what=f"looking up {title(identifier)}").details
    except NotFoundError as error:
        # Flyte OSS answers not_found for every error of its database (flyteorg/flyte `task_service.go`). Such an error
        # must not remove a task from state.
        if _DATABASE_ERROR in str(error):
            raise ApiError(str(error), error.code) from error
        return None


def get_latest(connection: Connection, identifier: pb.TaskIdentifier) -> pb.TaskDetails | None:
    """Return the newest version, or None if the task has no versions."""
    name = pb.TaskName(org=identifier.org, project=identifier.project, domain=identifier.domain, name=identifier.name)
    newest_first = ListRequest(limit=1, sort_by_fields=[Sort(key="created_at", direction=Sort.DESCENDING)])
    request = ListVersionsRequest(request=newest_first, task_name=name)
    method, what = connection.tasks.list_versions, f"listing the versions of {title(identifier)}"
    answer = optional(lambda: connection.call(method, request, what=what))
    if answer is None or not answer.versions:
        return None
    newest = pb.TaskIdentifier()
    newest.CopyFrom(identifier)
    newest.version = answer.versions[0].version
    return get_version(connection, newest)


def deploy(connection: Connection, identifier: pb.TaskIdentifier, spec: pb.TaskSpec) -> None:
    """Deploy a version. The request has no triggers, so that Flyte deletes none (flyteorg/flyte `taskservice`)."""
    plane = connection.control_plane
    connection.call(
        connection.tasks.deploy_task,
        DeployTaskRequest(task_id=identifier, spec=spec),
        what=f"deploying {title(identifier)}",
        headers=plane.workload_headers("task", identifier),
        timeout=plane.deploy_timeout(spec.task_template.container.image),
    )
