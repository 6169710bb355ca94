"""Deployed task versions, and the interpreter that each runs with on this machine."""

from __future__ import annotations

from flyteidl2.task.task_definition_pb2 import TaskDetails, TaskIdentifier, TaskSpec

from flyte_local.state.store import Store
from flyte_local.wire.identifiers import not_found, task_key, task_name_key
from flyte_local.wire.times import stamp

_KIND = "task"
_INTERPRETER = "interpreter"


class Tasks:
    """Reads and writes task versions. A version's creation time is that of its first deployment, as in Flyte."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def deploy(self, details: TaskDetails, interpreter: str | None) -> None:
        """Write a version, possibly over an existing one. `interpreter` is the Python that runs it."""
        key = task_key(details.task_id)
        with self._store.transaction():
            self._store.put(_KIND, key, details.SerializeToString())
            if interpreter:
                self._store.put(_INTERPRETER, f"{_KIND}/{key}", interpreter.encode())

    def get(self, identifier: TaskIdentifier) -> TaskDetails | None:
        """Return a version, or None if it was never deployed."""
        key = task_key(identifier)
        details = self._store.read(_KIND, key, TaskDetails.FromString)
        if details is not None:
            details.metadata.deployed_at.CopyFrom(stamp(self._store.created(_KIND, key) or 0.0))
        return details

    def spec(self, identifier: TaskIdentifier) -> TaskSpec:
        """Return a version's specification. Raises NOT_FOUND with the existing versions."""
        details = self.get(identifier)
        if details is not None:
            return details.spec
        versions = [other.task_id.version for _, other in self.versions(task_of(identifier))]
        there = f"there are {', '.join(versions[-3:])}" if versions else "no version of it was deployed"
        raise not_found(
            f"task {identifier.name!r} has no version {identifier.version!r} in project {identifier.project!r} and "
            f"domain {identifier.domain!r}: {there}"
        )

    def versions(self, prefix: str) -> list[tuple[float, TaskDetails]]:
        """Return the versions whose key starts with `prefix`, with their creation times, oldest first."""
        versions = []
        for key, body in self._store.list(_KIND, prefix):
            created = self._store.created(_KIND, key) or 0.0
            details = TaskDetails.FromString(body)
            details.metadata.deployed_at.CopyFrom(stamp(created))
            versions.append((created, details))
        return sorted(versions, key=lambda pair: pair[0])

    def interpreter(self, identifier: TaskIdentifier) -> str | None:
        """Return the Python that was named when the version was deployed."""
        if not identifier.version:
            return None
        return self._store.read(_INTERPRETER, f"{_KIND}/{task_key(identifier)}", bytes.decode)


def task_of(identifier: TaskIdentifier) -> str:
    """Return the key prefix of all versions of a task."""
    return task_name_key(identifier.project, identifier.domain, identifier.name) + "/"
