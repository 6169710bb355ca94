"""The handles that the code declares, and the check that the container is wired for all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flyte_runtime.errors import NotWired, UnknownAlias, WiringError

if TYPE_CHECKING:
    from collections.abc import Callable

    from flyte_runtime.contract import AppInput, TaskInput

__all__ = ["allow_unknown_aliases", "apps", "problem", "tasks"]

# The aliases that `rt.app` and `rt.task` were called with so far.
apps: set[str] = set()
tasks: set[str] = set()
_unknown_allowed = False


def allow_unknown_aliases(allow: bool) -> None:
    """Allow aliases that are not wired. Tests need it, because one process runs the code of several containers."""
    global _unknown_allowed
    _unknown_allowed = allow


def problem() -> WiringError | None:
    """Return one error that lists every handle whose wiring is missing or does not fit, or None."""
    if not apps and not tasks:
        return None
    from flyte_runtime.container import wiring  # imports pydantic, so not at the top of the module

    problems = [*_problems(apps, wiring.app_input), *_problems(tasks, wiring.task_input)]
    if len(problems) < 2:
        return problems[0] if problems else None
    lines = "".join(f"\n- {each}" for each in problems)
    return NotWired(f"{len(problems)} handles are not wired as the code uses them:{lines}")


def _problems(aliases: set[str], lookup: Callable[[str], AppInput | TaskInput]) -> list[WiringError]:
    problems: list[WiringError] = []
    for alias in sorted(aliases):
        try:
            lookup(alias)
        except UnknownAlias as error:
            if not _unknown_allowed:
                problems.append(error)
        except WiringError as error:
            problems.append(error)
    return problems
