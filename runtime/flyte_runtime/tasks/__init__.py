"""Clients for the tasks that this container is wired to: handles and runs."""

from flyte_runtime.tasks.handle import TaskHandle as TaskHandle
from flyte_runtime.tasks.handle import task as task

__all__ = ["TaskHandle", "task"]
