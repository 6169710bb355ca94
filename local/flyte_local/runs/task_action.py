"""An action that runs a task, with all its records."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from flyteidl2.core.tasks_pb2 import TaskMetadata
from flyteidl2.task.task_definition_pb2 import TaskSpec
from flyteidl2.workflow.run_definition_pb2 import ActionDetails

from flyte_local.runs.records import Plan
from flyte_local.runs.time_limits import TimeLimits
from flyte_local.wire.identifiers import action_key, run_key


@dataclass(frozen=True)
class TaskAction:
    """An action's state, which changes, with the specification of its task and its plan."""

    details: ActionDetails
    spec: TaskSpec
    plan: Plan

    @cached_property
    def key(self) -> str:
        """The action's key."""
        return action_key(self.details.id)

    @cached_property
    def run(self) -> str:
        """The key of its run."""
        return run_key(self.details.id.run)

    @property
    def scope(self) -> str:
        """The project and domain of its run."""
        return self.run.rpartition("/")[0]

    @property
    def metadata(self) -> TaskMetadata:
        """The metadata of its task: retries, time limits, caching."""
        return self.spec.task_template.metadata

    @property
    def limits(self) -> TimeLimits:
        """Its time limits."""
        return TimeLimits.of(self.metadata)
