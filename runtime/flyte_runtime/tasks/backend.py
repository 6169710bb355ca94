"""The seam between `TaskHandle` and the service that runs tasks. A test may put another service there."""

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
    """The seam between `TaskHandle` and what runs tasks. All of it raises TaskErrors."""

    async def interface(self, task_input: TaskInput) -> Interface:
        """What the task takes. Raises TaskNotFound."""

    async def start(
        self,
        task_input: TaskInput,
        inputs: Mapping[str, Fitted],
        name: str,
        labels: Mapping[str, str] | None,
        env: Mapping[str, str] | None,
    ) -> Run:
        """The run `name`, which is started unless it is there already."""

    async def run(self, task_input: TaskInput, name: str) -> Run:
        """The task's run of that name. Raises RunNotFound."""

    async def runs(self, task_input: TaskInput, limit: int, *, succeeded: bool) -> list[Run]:
        """The newest runs, newest first."""
