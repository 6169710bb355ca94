"""The one place where Flyte's SDK raises into this library, and where it is asked again."""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

from flyte_runtime.errors import TaskError, TaskNotFound, reason_of
from flyte_runtime.event_loop import pacing

if TYPE_CHECKING:
    from connectrpc.errors import ConnectError

__all__ = ["as_task_errors", "ask", "transient"]

T = TypeVar("T")
_ATTEMPTS = 6
_MAX_PAUSE = 5.0
# What a proxy or a restarting control plane makes of a call: it was not there, or not well, rather than unwilling.
_TRANSIENT = frozenset({"UNAVAILABLE", "INTERNAL", "UNKNOWN", "DEADLINE_EXCEEDED", "ABORTED"})


@contextmanager
def as_task_errors(doing: str, kind: type[TaskError] = TaskError) -> Iterator[None]:
    """What the SDK raises, as a TaskError of this kind that says what was being done."""
    import flyte.errors
    from connectrpc.errors import ConnectError

    from flyte_runtime.tasks import api_key

    try:
        yield
    except flyte.errors.RemoteTaskNotFoundError as error:
        raise TaskNotFound(f"{doing}: {error}") from error
    except ConnectError as error:
        hint = f": {api_key.advice()}" if error.code.name == "UNAUTHENTICATED" else ""
        raise kind(f"{doing}: the control plane says {error.code.name}: {error.message}{hint}") from error
    except flyte.errors.BaseRuntimeError as error:
        raise kind(f"{doing}: {error}") from error
    except OSError as error:
        raise kind(f"{doing}: the control plane cannot be reached: {reason_of(error)}") from error


async def ask(doing: str, call: Callable[[], Awaitable[T]], kind: type[TaskError] = TaskError) -> T:
    """What the SDK's call gives. It must be safe to repeat: it is, while the control plane is away. Raises `kind`."""
    for attempt in range(_ATTEMPTS):
        try:
            with as_task_errors(doing, kind):
                return await call()
        except TaskError as error:
            if attempt == _ATTEMPTS - 1 or not _may_pass(error):
                raise
        await pacing.sleep(random.uniform(0, min(_MAX_PAUSE, 0.2 * 2**attempt)))
    raise AssertionError  # the last attempt returns or raises


def transient(error: ConnectError) -> bool:
    """Whether the same call may succeed later."""
    return error.code.name in _TRANSIENT


def _may_pass(error: TaskError) -> bool:
    from connectrpc.errors import ConnectError

    cause: BaseException | None = error.__cause__
    while cause is not None and not isinstance(cause, (ConnectError, OSError)):
        cause = cause.__cause__
    return isinstance(cause, OSError) or (isinstance(cause, ConnectError) and transient(cause))
