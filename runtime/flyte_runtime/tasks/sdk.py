"""Calls to Flyte's SDK: converts its errors to TaskErrors, and repeats calls that may succeed later."""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

from flyte_runtime.errors import TaskError, TaskNotFound, reason_of
from flyte_runtime.event_loop import pacing

if TYPE_CHECKING:
    from connectrpc.errors import ConnectError

__all__ = ["as_task_errors", "call_sdk", "transient"]

T = TypeVar("T")
_ATTEMPTS = 6
_MAX_PAUSE = 5.0
# Codes of a proxy or of a control plane that is restarting. They do not mean that the call was refused.
_TRANSIENT = frozenset({"UNAVAILABLE", "INTERNAL", "UNKNOWN", "DEADLINE_EXCEEDED", "ABORTED"})


@contextmanager
def as_task_errors(action: str, kind: type[TaskError] = TaskError) -> Iterator[None]:
    """Convert errors of the SDK to `kind`. `action` begins the message, for example "starting train"."""
    import flyte.errors
    from connectrpc.errors import ConnectError

    from flyte_runtime.tasks import api_key

    try:
        yield
    except flyte.errors.RemoteTaskNotFoundError as error:
        raise TaskNotFound(f"{action}: {error}") from error
    except ConnectError as error:
        hint = f": {api_key.advice()}" if error.code.name == "UNAUTHENTICATED" else ""
        raise kind(f"{action}: the control plane says {error.code.name}: {error.message}{hint}") from error
    except flyte.errors.BaseRuntimeError as error:
        raise kind(f"{action}: {error}") from error
    except OSError as error:
        raise kind(f"{action}: the control plane cannot be reached: {reason_of(error)}") from error


async def call_sdk(action: str, call: Callable[[], Awaitable[T]], kind: type[TaskError] = TaskError) -> T:
    """Make a call to the SDK and return its result. Raises `kind`.

    The call is repeated while the control plane is not available, so it must be safe to repeat.
    """
    for attempt in range(_ATTEMPTS):
        try:
            with as_task_errors(action, kind):
                return await call()
        except TaskError as error:
            if attempt == _ATTEMPTS - 1 or not _is_temporary(error):
                raise
        await pacing.sleep(random.uniform(0, min(_MAX_PAUSE, 0.2 * 2**attempt)))
    raise AssertionError  # the last attempt returns or raises


def transient(error: ConnectError) -> bool:
    """Check whether the same call may succeed later."""
    return error.code.name in _TRANSIENT


def _is_temporary(error: TaskError) -> bool:
    from connectrpc.errors import ConnectError

    cause: BaseException | None = error.__cause__
    while cause is not None and not isinstance(cause, (ConnectError, OSError)):
        cause = cause.__cause__
    return isinstance(cause, OSError) or (isinstance(cause, ConnectError) and transient(cause))
