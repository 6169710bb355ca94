"""`rt.task(alias).sync` and `run.sync`: the same without `await`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from flyte_runtime.event_loop import blocking

if TYPE_CHECKING:
    from flyte_runtime.tasks.handle import TaskHandle
    from flyte_runtime.tasks.runs import Outputs, Run, RunUpdate

__all__ = ["SyncRun", "SyncTask"]


class SyncTask:
    """Arguments and errors are `TaskHandle`'s. Raises WouldBlock inside a running event loop."""

    def __init__(self, handle: TaskHandle) -> None:
        self._handle = handle
        self._instead = f"await rt.task({handle.alias!r}).<method>(…)"

    def __repr__(self) -> str:
        return f"{self._handle!r}.sync"

    def start(self, inputs: Mapping[str, Any] | None = None, /, **options: Any) -> SyncRun:
        """See `TaskHandle.start`."""
        return SyncRun(blocking.run(self._handle.start(inputs, **options), self._instead))

    def run_and_wait(self, inputs: Mapping[str, Any] | None = None, /, **options: Any) -> SyncRun:
        """See `TaskHandle.run_and_wait`."""
        return SyncRun(blocking.run(self._handle.run_and_wait(inputs, **options), self._instead))

    def run(self, name: str) -> SyncRun:
        """See `TaskHandle.run`."""
        return SyncRun(blocking.run(self._handle.run(name), self._instead))

    def latest(self, *, succeeded: bool = False) -> SyncRun | None:
        """See `TaskHandle.latest`."""
        run = blocking.run(self._handle.latest(succeeded=succeeded), self._instead)
        return SyncRun(run) if run is not None else None

    def runs(self, limit: int = 20, *, succeeded: bool = False) -> list[SyncRun]:
        """See `TaskHandle.runs`."""
        return [SyncRun(run) for run in blocking.run(self._handle.runs(limit, succeeded=succeeded), self._instead)]


class SyncRun:
    """A `Run` without `await`."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._instead = "await the methods of the Run itself"

    def __repr__(self) -> str:
        return f"{self._run!r}.sync"

    @property
    def name(self) -> str:
        """See `Run.name`."""
        return self._run.name

    @property
    def url(self) -> str:
        """See `Run.url`."""
        return self._run.url

    @property
    def phase(self) -> str:
        """See `Run.phase`."""
        return self._run.phase

    @property
    def done(self) -> bool:
        """See `Run.done`."""
        return self._run.done

    @property
    def succeeded(self) -> bool:
        """See `Run.succeeded`."""
        return self._run.succeeded

    def watch(self) -> Iterator[RunUpdate]:
        """See `Run.watch`."""
        return blocking.iterate(self._run.watch(), self._instead)

    def wait(self, timeout: float | None = None, *, check: bool = True) -> SyncRun:
        """See `Run.wait`."""
        blocking.run(self._run.wait(timeout, check=check), self._instead)
        return self

    def outputs(self) -> Outputs:
        """See `Run.outputs`."""
        return blocking.run(self._run.outputs(), self._instead)

    def result(self) -> Any:
        """See `Run.result`."""
        return blocking.run(self._run.result(), self._instead)

    def abort(self, reason: str = "aborted by the caller") -> None:
        """See `Run.abort`."""
        blocking.run(self._run.abort(reason), self._instead)
