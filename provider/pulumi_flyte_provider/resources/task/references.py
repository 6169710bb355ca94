"""Checks that the task versions exist to which a workload or a trigger refers.

A version is a hash of the task's arguments. So a workload that is wired to the task gets a new version even if
`--target` or `--exclude` prevents its deployment. Without this check, `up` would deploy a workload that cannot work.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flyte_runtime.contract import WIRING_VARIABLE, TaskInput, Wiring
from flyteidl2.task.task_definition_pb2 import TaskIdentifier
from pulumi_flyte.naming.urns import Urn
from pydantic import ValidationError

from pulumi_flyte_provider.errors import ApiError, MissingTaskError
from pulumi_flyte_provider.properties.values import Properties, reveal
from pulumi_flyte_provider.resources.operation import Operation
from pulumi_flyte_provider.resources.task import calls
from pulumi_flyte_provider.resources.task.identity import TOKEN, path, title


@dataclass(frozen=True)
class TaskReferences:
    """The versions of tasks to which an object refers. `referrer` is the name of the object for messages."""

    referrer: str
    tasks: Sequence[TaskIdentifier]

    @classmethod
    def of_wiring(cls, referrer: str, inputs: Properties, org: str) -> TaskReferences:
        """Return the references in a workload's wiring. A reference to the latest version has no version to check."""
        tasks = [
            TaskIdentifier(org=org, project=task.project, domain=task.domain, name=task.name, version=task.version)
            for task in _wired_tasks(inputs)
            if task.version
        ]
        return cls(referrer, tasks)

    def require(self, operation: Operation) -> None:
        """Raise MissingTaskError with all versions that do not exist."""
        missing = [task for task in self._not_deployed(operation) if not _exists(operation, task)]
        if missing:
            raise MissingTaskError(self._message(operation, missing))

    def foresee(self, operation: Operation) -> None:
        """Report missing versions in a preview.

        It is an error if this process has checked the resource of the task, because the engine then skips the task.
        Otherwise it is a warning, because the process of an explicit provider may deploy the task.
        """
        skipped = self._not_deployed(operation)
        missing = operation.look(lambda: [task for task in skipped if not _exists(operation, task)])
        if not missing:
            return
        message = self._message(operation, missing)
        if any(_declaration(operation, task) is not None for task in missing):
            raise MissingTaskError(message)
        operation.warn(message)

    def _not_deployed(self, operation: Operation) -> list[TaskIdentifier]:
        return [task for task in self.tasks if not operation.run.deploys_task(_version_path(task))]

    def _message(self, operation: Operation, missing: list[TaskIdentifier]) -> str:
        lines = [f"{self.referrer} is wired to {title(task)}, which does not exist" for task in missing]
        targets = " ".join(f"--target '**::{_resource_name(operation, task)}'" for task in missing)
        lines.append(f"Deploy the task as well: if you use --target, add {targets}")
        lines.append("If you use --exclude, do not exclude the task")
        return "\n".join(lines)


def record_version(operation: Operation, task: TaskIdentifier) -> None:
    """Record a version that this run deploys. A preview records the version that it would deploy."""
    operation.run.record_task(_version_path(task))


def _wired_tasks(inputs: Properties) -> list[TaskInput]:
    env = reveal(inputs).get("env")
    text = env.get(WIRING_VARIABLE) if isinstance(env, dict) else None
    if not isinstance(text, str):
        return []
    try:
        wiring = Wiring.model_validate_json(text)
    except ValidationError:
        return []
    return [wired for wired in wiring.inputs.values() if isinstance(wired, TaskInput)]


def _version_path(task: TaskIdentifier) -> str:
    return f"{path(task)}@{task.version}"


def _resource_name(operation: Operation, task: TaskIdentifier) -> str:
    """Return the name of the task's resource. If this run does not declare the task, guess the function's name."""
    urn = _declaration(operation, task)
    return task.name.rpartition(".")[2] if urn is None else urn.name


def _exists(operation: Operation, task: TaskIdentifier) -> bool:
    try:
        return calls.get_version(operation.connection, task) is not None
    except ApiError:
        return True  # The user may deploy, but not read tasks. The start of a run reports a missing version.


def _declaration(operation: Operation, task: TaskIdentifier) -> Urn | None:
    """Return the resource of this run that declares the task."""
    urn = operation.run.claims.holder(TOKEN, path(task))
    return None if urn is None else Urn.parse(urn)
