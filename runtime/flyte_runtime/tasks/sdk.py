"""The one place where Flyte's SDK raises into this library."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from flyte_runtime.errors import TaskError, TaskNotFound

__all__ = ["as_task_errors"]


@contextmanager
def as_task_errors(doing: str, kind: type[TaskError] = TaskError) -> Iterator[None]:
    """What the SDK raises, as a TaskError of this kind that says what was being done."""
    import flyte.errors
    from connectrpc.errors import ConnectError

    try:
        yield
    except flyte.errors.RemoteTaskNotFoundError as error:
        raise TaskNotFound(f"{doing}: {error}") from error
    except ConnectError as error:
        raise kind(f"{doing}: the control plane says {error.code.name}: {error.message}") from error
    except flyte.errors.BaseRuntimeError as error:
        raise kind(f"{doing}: {error}") from error
    except OSError as error:
        raise kind(f"{doing}: the control plane cannot be reached: {error}") from error
