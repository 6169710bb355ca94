"""Projects: `flyteidl2.project.ProjectService`. A project comes into being with its first use."""

from __future__ import annotations

from connectrpc.code import Code
from connectrpc.errors import ConnectError
from connectrpc.request import RequestContext
from flyteidl2.common.list_pb2 import ListRequest
from flyteidl2.project import project_service_connect
from flyteidl2.project import project_service_pb2 as pb

from flyte_local.context import ORGANIZATION, Context
from flyte_local.wire.identifiers import check_scope, invalid, not_found
from flyte_local.wire.listing import Row, page, parse_filters

# Flyte's own defaults (flyteorg/flyte, runs.domains).
DOMAINS = ("development", "staging", "production")
_KIND = "project"
# Marks projects that nobody declared: creating one of them is no conflict.
_UNDECLARED = "project-undeclared"


class Projects:
    """The projects of this server."""

    def __init__(self, context: Context) -> None:
        self._store = context.store

    def get(self, name: str) -> pb.Project | None:
        """A project, None where there is none."""
        body = self._store.get(_KIND, name)
        return None if body is None else pb.Project.FromString(body)

    def save(self, project: pb.Project) -> None:
        """Writes a project; its domains are always the server's."""
        del project.domains[:]
        project.domains.extend(pb.Domain(id=domain, name=domain.capitalize()) for domain in DOMAINS)
        project.org = project.org or ORGANIZATION
        project.name = project.name or project.id
        with self._store.transaction():
            self._store.put(_KIND, project.id, project.SerializeToString())
            self._store.delete(_UNDECLARED, project.id)

    def ensure(self, project: str, domain: str) -> None:
        """Makes sure that work can be put here. Raises INVALID_ARGUMENT or NOT_FOUND with the way out."""
        check_scope(project, domain)
        if domain not in DOMAINS:
            raise not_found(f"there is no domain {domain!r}: use one of {', '.join(DOMAINS)}")
        if self._store.get(_KIND, project) is None:
            with self._store.transaction():
                self.save(pb.Project(id=project))
                self._store.put(_UNDECLARED, project, b"")

    def is_declared(self, name: str) -> bool:
        """Whether somebody created the project, as opposed to having used it."""
        return self._store.get(_KIND, name) is not None and self._store.get(_UNDECLARED, name) is None

    def all(self) -> list[tuple[Row, pb.Project]]:
        """Every project with the values that filters look at, oldest first."""
        found = []
        for key, body in self._store.list(_KIND):
            project = pb.Project.FromString(body)
            created = self._store.created(_KIND, key) or 0.0
            row: Row = {"id": key, "name": project.name, "state": project.state, "created_at": created}
            found.append((row, project))
        return sorted(found, key=lambda pair: float(pair[0]["created_at"]))


class ProjectService(project_service_connect.ProjectService):  # type: ignore[misc]  # generated, untyped
    """Create, update (a full replacement), get and list; archiving is a state, there is no deletion."""

    def __init__(self, context: Context) -> None:
        self._projects = Projects(context)

    async def create_project(
        self, request: pb.CreateProjectRequest, ctx: RequestContext[pb.CreateProjectRequest, pb.CreateProjectResponse]
    ) -> pb.CreateProjectResponse:
        """ALREADY_EXISTS where the id is taken; a project that came into being by its use may still be declared."""
        check_scope(request.project.id, DOMAINS[0])
        if self._projects.is_declared(request.project.id):
            raise ConnectError(Code.ALREADY_EXISTS, f"project {request.project.id!r} already exists")
        self._projects.save(request.project)
        return pb.CreateProjectResponse()

    async def update_project(
        self, request: pb.UpdateProjectRequest, ctx: RequestContext[pb.UpdateProjectRequest, pb.UpdateProjectResponse]
    ) -> pb.UpdateProjectResponse:
        """Replaces the project; NOT_FOUND where there is none."""
        self._existing(request.project.id)
        self._projects.save(request.project)
        return pb.UpdateProjectResponse()

    async def get_project(
        self, request: pb.GetProjectRequest, ctx: RequestContext[pb.GetProjectRequest, pb.GetProjectResponse]
    ) -> pb.GetProjectResponse:
        """NOT_FOUND where there is none."""
        return pb.GetProjectResponse(project=self._existing(request.id))

    async def list_projects(
        self, request: pb.ListProjectsRequest, ctx: RequestContext[pb.ListProjectsRequest, pb.ListProjectsResponse]
    ) -> pb.ListProjectsResponse:
        """Projects that pass the filter text; without one, those that are not archived."""
        rows = self._projects.all()
        if not request.filters:
            rows = [(row, project) for row, project in rows if project.state == pb.PROJECT_STATE_ACTIVE]
        wanted = parse_filters(request.filters)
        listing = ListRequest(limit=request.limit, token=request.token, sort_by=request.sort_by, filters=wanted)
        projects, token = page(rows, listing)
        return pb.ListProjectsResponse(projects=pb.Projects(projects=projects, token=token))

    def _existing(self, name: str) -> pb.Project:
        if not name:
            raise invalid("the project's id is missing")
        project = self._projects.get(name)
        if project is None:
            raise not_found(f"project {name!r} does not exist: create it, or deploy something into it")
        return project
