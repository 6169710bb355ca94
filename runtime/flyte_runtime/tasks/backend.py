"""The interface between `TaskHandle` and the service that runs tasks. Tests may use another service."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from flyte_runtime.contract import TaskInput
    from flyte_runtime.tasks.inputs import Interface
    from flyte_runtime.tasks.literals import Fitted
    from flyte_runtime.tasks.run import Run

__all__ = ["TaskBackend"]


class TaskBackend(Protocol):
    """A service that runs tasks. All its methods raise TaskErrors."""

    async def interface(self, task_input: TaskInput) -> Interface:
        """Return the inputs that the task takes. Raises TaskNotFound."""

    async def start(
        self,
        task_input: TaskInput,
        inputs: Mapping[str, Fitted],
        name: str,
        labels: Mapping[str, str] | None,
        env: Mapping[str, str] | None,
    ) -> Run:
        """Start the run `name`, unless it exists already. Return the run."""

    async def run(self, task_input: TaskInput, name: str) -> Run:
        """Return the task's run of that name. Raises RunNotFound."""

    async def runs(self, task_input: TaskInput, limit: int, *, succeeded: bool) -> list[Run]:
        """Return the newest runs, the newest first."""
