"""Projects: `flyteidl2.project.ProjectService`."""

from __future__ import annotations

from connectrpc.code import Code
from connectrpc.errors import ConnectError
from flyteidl2.common.list_pb2 import ListRequest
from flyteidl2.project import project_service_connect
from flyteidl2.project import project_service_pb2 as pb

from flyte_local.api.call import Call
from flyte_local.state.projects import DOMAINS, Projects
from flyte_local.wire.identifiers import check_scope, invalid, not_found
from flyte_local.wire.listing import page, parse_filters


class ProjectService(project_service_connect.ProjectService):  # type: ignore[misc]  # generated, untyped
    """Create, update (a full replacement), get and list; archiving is a state, there is no deletion."""

    def __init__(self, projects: Projects) -> None:
        self._projects = projects

    async def create_project(self, request: pb.CreateProjectRequest, ctx: Call) -> pb.CreateProjectResponse:
        """Create a project. Raises ALREADY_EXISTS, unless the project only came into being by being used."""
        check_scope(request.project.id, DOMAINS[0])
        if self._projects.is_declared(request.project.id):
            raise ConnectError(Code.ALREADY_EXISTS, f"project {request.project.id!r} already exists")
        self._projects.save(request.project)
        return pb.CreateProjectResponse()

    async def update_project(self, request: pb.UpdateProjectRequest, ctx: Call) -> pb.UpdateProjectResponse:
        """Replace the project. Raises NOT_FOUND if it does not exist."""
        self._existing(request.project.id)
        self._projects.save(request.project)
        return pb.UpdateProjectResponse()

    async def get_project(self, request: pb.GetProjectRequest, ctx: Call) -> pb.GetProjectResponse:
        """Return a project. Raises NOT_FOUND if it does not exist."""
        return pb.GetProjectResponse(project=self._existing(request.id))

    async def list_projects(self, request: pb.ListProjectsRequest, ctx: Call) -> pb.ListProjectsResponse:
        """Return projects that pass the filter text; without one, those that are not archived."""
        rows = self._projects.all()
        if not request.filters:
            rows = [(row, project) for row, project in rows if project.state == pb.PROJECT_STATE_ACTIVE]
        filters = parse_filters(request.filters)
        listing = ListRequest(limit=request.limit, token=request.token, sort_by=request.sort_by, filters=filters)
        projects, token = page(rows, listing)
        return pb.ListProjectsResponse(projects=pb.Projects(projects=projects, token=token))

    def _existing(self, name: str) -> pb.Project:
        if not name:
            raise invalid("the project's id is empty: name a project")
        project = self._projects.get(name)
        if project is None:
            raise not_found(f"project {name!r} does not exist: create it, or deploy something into it")
        return project
