"""The handles that the code has declared, and whether this container is wired for all of them."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from flyte_runtime.errors import NotWired, UnknownAlias, WiringError

if TYPE_CHECKING:
    from collections.abc import Callable

    from flyte_runtime.contract import AppInput, TaskInput

__all__ = ["apps", "of_many_containers", "problem", "tasks"]

_of_many = False


def of_many_containers(yes: bool) -> None:
    """A test's process holds the code of several: there it is no problem that an alias is not among the wired ones."""
    global _of_many
    _of_many = yes


def apps() -> list[str]:
    """The aliases that `rt.app` was asked for so far."""
    return _declared("flyte_runtime.apps.handle")


def tasks() -> list[str]:
    """The aliases that `rt.task` was asked for so far."""
    return _declared("flyte_runtime.tasks.handle")


def problem() -> WiringError | None:
    """One error that lists everything that is not wired as the code wants it; None where all is well."""
    wanted = (apps(), tasks())
    if not any(wanted):
        return None
    from flyte_runtime import wiring

    found: list[WiringError] = []
    lookups: tuple[Callable[[str], AppInput | TaskInput], ...] = (wiring.app_input, wiring.task_input)
    for aliases, lookup in zip(wanted, lookups, strict=True):
        for alias in aliases:
            try:
                lookup(alias)
            except UnknownAlias as error:
                if not _of_many:
                    found.append(error)
            except WiringError as error:
                found.append(error)
    if len(found) < 2:
        return found[0] if found else None
    return NotWired(f"{len(found)} handles are not wired as the code uses them:" + "".join(f"\n- {e}" for e in found))


def _declared(module: str) -> list[str]:
    """What is not loaded has declared nothing, and being asked loads nothing."""
    loaded = sys.modules.get(module)
    return sorted(loaded._handles) if loaded is not None else []
