"""The calls of ProjectService."""

from __future__ import annotations

from flyteidl2.project import project_service_pb2 as pb

from pulumi_flyte_provider.flyte_api.connection import Connection, optional
from pulumi_flyte_provider.resources.project.identity import title


def get(connection: Connection, name: str, org: str) -> pb.Project | None:
    """Return the project, or None if it does not exist."""
    method, request = connection.projects.get_project, pb.GetProjectRequest(id=name, org=org)
    answer = optional(lambda: connection.call(method, request, what=f"looking up {title(name)}"))
    return None if answer is None else answer.project


def create(connection: Connection, project: pb.Project) -> None:
    """Create the project."""
    request = pb.CreateProjectRequest(project=project)
    connection.call(connection.projects.create_project, request, what=f"creating {title(project.id)}")


def update(connection: Connection, project: pb.Project) -> None:
    """Replace the whole project."""
    request = pb.UpdateProjectRequest(project=project)
    connection.call(connection.projects.update_project, request, what=f"updating {title(project.id)}")


def archive(connection: Connection, live: pb.Project) -> None:
    """Archive the project. Flyte cannot delete projects."""
    live.state = pb.PROJECT_STATE_ARCHIVED
    live.ClearField("domains")
    method, request = connection.projects.update_project, pb.UpdateProjectRequest(project=live)
    optional(lambda: connection.call(method, request, what=f"archiving {title(live.id)}"))
