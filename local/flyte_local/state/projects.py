"""Projects. A project is created by its first use."""

from __future__ import annotations

from flyteidl2.project import project_service_pb2 as pb

from flyte_local.state.context import ORGANIZATION
from flyte_local.state.store import Store
from flyte_local.wire.identifiers import check_scope, not_found
from flyte_local.wire.listing import Row

# Flyte's own defaults (flyteorg/flyte, runs.domains).
DOMAINS = ("development", "staging", "production")
_KIND = "project"
# Marks projects that were not created explicitly. Creating one of them is not a conflict.
_UNDECLARED = "project-undeclared"


class Projects:
    """The projects of this server."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def get(self, name: str) -> pb.Project | None:
        """Return a project, or None if it does not exist."""
        return self._store.read(_KIND, name, pb.Project.FromString)

    def save(self, project: pb.Project) -> None:
        """Write a project. Its domains are always the server's."""
        del project.domains[:]
        project.domains.extend(pb.Domain(id=domain, name=domain.capitalize()) for domain in DOMAINS)
        project.org = project.org or ORGANIZATION
        project.name = project.name or project.id
        with self._store.transaction():
            self._store.put(_KIND, project.id, project.SerializeToString())
            self._store.delete(_UNDECLARED, project.id)

    def ensure(self, project: str, domain: str) -> None:
        """Create the project if it does not exist. Raises INVALID_ARGUMENT or NOT_FOUND with a way out."""
        check_scope(project, domain)
        if domain not in DOMAINS:
            raise not_found(f"there is no domain {domain!r}: use one of {', '.join(DOMAINS)}")
        if self._store.get(_KIND, project) is None:
            with self._store.transaction():
                self.save(pb.Project(id=project))
                self._store.put(_UNDECLARED, project, b"")

    def is_declared(self, name: str) -> bool:
        """Return whether the project was created explicitly, as opposed to by its first use."""
        return self._store.get(_KIND, name) is not None and self._store.get(_UNDECLARED, name) is None

    def all(self) -> list[tuple[Row, pb.Project]]:
        """Return every project with the values that filters look at, oldest first."""
        rows = []
        for key, body in self._store.list(_KIND):
            project = pb.Project.FromString(body)
            created = self._store.created(_KIND, key) or 0.0
            row: Row = {"id": key, "name": project.name, "state": project.state, "created_at": created}
            rows.append((row, project))
        return sorted(rows, key=lambda pair: float(pair[0]["created_at"]))
