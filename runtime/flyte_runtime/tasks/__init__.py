"""The tasks that this container is wired to: handles, and the runs that they start and find."""

from flyte_runtime.tasks.handle import TaskHandle as TaskHandle
from flyte_runtime.tasks.handle import task as task

__all__ = ["TaskHandle", "task"]
