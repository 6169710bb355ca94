"""Resolvers that add the older spellings before Flyte's SDK loads the code of an app or a task.

The command of a container names the class that loads its code (`--resolver`). If a workload has the variable
`FLYTE_RUNTIME_COMPAT`, its component names one of these classes instead of the SDK's. The code needs no edit.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from flyte_runtime import compat
from flyte_runtime.compat.flyte_internals import AppEnvResolver, DefaultTaskResolver

if TYPE_CHECKING:
    from flyte import TaskTemplate
    from flyte.app import AppEnvironment

__all__ = ["AppResolver", "TaskResolver"]


class AppResolver(AppEnvResolver):
    """Loads an app environment as the SDK does, after adding the older spellings."""

    def load_app_env(self, loader_args: str) -> AppEnvironment:
        """Return the app environment at `module:attribute`."""
        compat.install_if_asked()
        return super().load_app_env(loader_args)


class TaskResolver(DefaultTaskResolver):
    """Loads a task as the SDK does, after adding the older spellings."""

    def load_task(self, loader_args: list[str]) -> TaskTemplate[..., object, Callable[..., object]]:
        """Return the task that the arguments name."""
        compat.install_if_asked()
        return super().load_task(loader_args)
