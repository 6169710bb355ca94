"""A run of a task, async and sync: its name, its phases and its outputs."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

from flyte_runtime.errors import RunFailed, RunTimedOut, TaskError, reason_of
from flyte_runtime.event_loop import blocking, pacing
from flyte_runtime.tasks.outputs import Outputs
from flyte_runtime.tasks.sdk import as_task_errors, call_sdk
from flyte_runtime.tasks.updates import (
    SUCCESSFUL_PHASES,
    TERMINAL_PHASES,
    RunUpdate,
    failure_reason,
    phase_of,
    update_of,
)

if TYPE_CHECKING:
    from flyte.remote import Run as FlyteRun

__all__ = ["Run", "SyncRun"]


class Run:
    """A run of a task. `flyte` is the object of Flyte's SDK, for everything that this class does not offer."""

    def __init__(self, flyte: FlyteRun) -> None:
        self.flyte = flyte
        self._phase = phase_of(flyte.phase)
        self._reason = ""

    def __repr__(self) -> str:
        return f"<Run {self.name} {self.phase}>"

    @property
    def name(self) -> str:
        """The run's name. With project and domain, it identifies the run."""
        return self.flyte.name

    @property
    def url(self) -> str:
        """The URL of the run's page in the console."""
        return self.flyte.url

    @property
    def phase(self) -> str:
        """The last phase that was read: queued, initializing, running, succeeded, failed, aborted …"""
        return self._phase

    @property
    def done(self) -> bool:
        """True if the last phase that was read is final."""
        return self.phase in TERMINAL_PHASES

    @property
    def succeeded(self) -> bool:
        """True if the last phase that was read means success."""
        return self.phase in SUCCESSFUL_PHASES

    @property
    def sync(self) -> SyncRun:
        """The same run without `await`."""
        return SyncRun(self)

    async def watch(self) -> AsyncIterator[RunUpdate]:
        """Yield the current state and then every change, until the run has ended.

        It reconnects to the control plane if a connection is lost. It does not repeat equal states.
        """
        last: RunUpdate | None = None
        from flyte_runtime.tasks.watching import action_details

        with as_task_errors(f"watching run {self.name}"):
            async for details in action_details(self.flyte.pb2.action.id):
                update = update_of(self.name, details)
                self._phase, self._reason = update.phase, update.error
                if update != last:
                    last = update
                    yield update

    async def wait(self, timeout: float | None = None, *, check: bool = True) -> Run:
        """Wait until the run has ended, and return it. `timeout` is in seconds; None waits without a limit.

        Raises RunTimedOut (the run goes on). Raises RunFailed if the run did not succeed, unless `check=False`.
        """
        try:
            async with pacing.deadline(timeout):
                async for _ in self.watch():
                    pass
        except TimeoutError as error:
            msg = f"run {self.name} is still {self.phase.replace('_', ' ')} after {timeout:g} s ({self.url})"
            raise RunTimedOut(msg) from error
        if check and not self.succeeded:
            raise RunFailed(self.name, self.phase, self._reason or await self._failure(), self.url)
        return self

    async def outputs(self) -> Outputs:
        """Wait for the run and return its outputs. Raises RunFailed, and TaskError if they cannot be read."""
        await self.wait()
        action = f"reading the outputs of run {self.name}"
        details = await call_sdk(action, self.flyte.details.aio)
        from flyte.types import TypeEngine

        # The SDK's `outputs` also reads the inputs, by guessed types, and fails on a valid input that does not fit
        # them.
        variables = details.action_details.pb2.task.task_template.interface.outputs.variables
        try:
            types: dict[str, Any] = {entry.key: TypeEngine.guess_python_type(entry.value.type) for entry in variables}
            outputs = await call_sdk(action, partial(self.flyte.typed_outputs.aio, types))
        except TaskError:
            raise
        except (TypeError, ValueError, LookupError, RuntimeError) as error:  # what the type engine raises
            raise TaskError(f"{action}: {' '.join(reason_of(error).split())[:300]}") from error
        absent = [name for name in types if name not in outputs]
        if absent:  # the object store may delete outputs before Flyte deletes the run
            raise TaskError(f"{action}: {', '.join(absent)} is not there (any more)")
        # The SDK returns them in the order of a protobuf map, which is random.
        return Outputs({name: outputs[name] for name in types})

    async def result(self) -> Any:
        """Wait for the run and return the result of its function: None, one output, or several as a tuple.

        Raises the errors of `outputs`.
        """
        outputs = await self.outputs()
        if not outputs:
            return None
        return outputs[0] if len(outputs) == 1 else outputs

    async def abort(self, reason: str = "aborted by the caller") -> None:
        """Stop the run. It does nothing if the run has ended."""
        await call_sdk(f"aborting run {self.name}", partial(self.flyte.abort.aio, reason))

    async def _failure(self) -> str:
        details = await call_sdk(f"reading run {self.name}", self.flyte.details.aio)
        return failure_reason(details.action_details)


class SyncRun:
    """A `Run` with synchronous methods. They raise WouldBlock inside a running event loop."""

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
