"""Projects. One comes into being with its first use."""

from __future__ import annotations

from flyteidl2.project import project_service_pb2 as pb

from flyte_local.state.context import ORGANIZATION
from flyte_local.state.store import Store
from flyte_local.wire.identifiers import check_scope, not_found
from flyte_local.wire.listing import Row

# Flyte's own defaults (flyteorg/flyte, runs.domains).
DOMAINS = ("development", "staging", "production")
_KIND = "project"
# Marks projects that nobody declared: creating one of them is no conflict.
_UNDECLARED = "project-undeclared"


class Projects:
    """The projects of this server."""

    def __init__(self, store: Store) -> None:
        self._store = store

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
