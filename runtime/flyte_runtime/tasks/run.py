"""A run of a task, with and without `await`: its name at once, its phases as they come, its outputs at the end."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

from flyte_runtime.errors import RunFailed, RunTimedOut, TaskError, reason_of
from flyte_runtime.event_loop import blocking, pacing
from flyte_runtime.tasks.outputs import Outputs
from flyte_runtime.tasks.sdk import as_task_errors, ask
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
    """A run that was started or found. `flyte` is the Flyte SDK's own object, for everything that is not here."""

    def __init__(self, flyte: FlyteRun) -> None:
        self.flyte = flyte
        self._phase = phase_of(flyte.phase)
        self._reason = ""

    def __repr__(self) -> str:
        return f"<Run {self.name} {self.phase}>"

    @property
    def name(self) -> str:
        """The run's name: with project and domain, its identity."""
        return self.flyte.name

    @property
    def url(self) -> str:
        """Its page in the console."""
        return self.flyte.url

    @property
    def phase(self) -> str:
        """The phase last seen, one of Flyte's: queued, initializing, running, succeeded, failed, aborted …"""
        return self._phase

    @property
    def done(self) -> bool:
        """Whether the phase last seen is a final one."""
        return self.phase in TERMINAL_PHASES

    @property
    def succeeded(self) -> bool:
        """Whether it ended well, as last seen."""
        return self.phase in SUCCESSFUL_PHASES

    @property
    def sync(self) -> SyncRun:
        """The same without `await`."""
        return SyncRun(self)

    async def watch(self) -> AsyncIterator[RunUpdate]:
        """Every change from now on, the present state first, until the run has ended.

        Lost connections to the control plane are taken up again; equal states are told once.
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
        """This run, ended. `timeout` is in seconds; None waits for as long as it takes.

        Raises RunTimedOut (the run goes on), and, unless `check=False`, RunFailed where it ended other than well.
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
        """The task's outputs, waited for. Raises RunFailed, and TaskError where they cannot be read (any more)."""
        await self.wait()
        doing = f"reading the outputs of run {self.name}"
        details = await ask(doing, self.flyte.details.aio)
        from flyte.types import TypeEngine

        # The SDK's own `outputs` reads the inputs too, by types that it guesses; a valid input may not fit the guess.
        variables = details.action_details.pb2.task.task_template.interface.outputs.variables
        try:
            types: dict[str, Any] = {entry.key: TypeEngine.guess_python_type(entry.value.type) for entry in variables}
            outputs = await ask(doing, partial(self.flyte.typed_outputs.aio, types))
        except TaskError:
            raise
        except (TypeError, ValueError, LookupError, RuntimeError) as error:  # what the type engine raises
            raise TaskError(f"{doing}: {' '.join(reason_of(error).split())[:300]}") from error
        absent = [name for name in types if name not in outputs]
        if absent:  # Flyte keeps a run longer than a store may keep what it has put out
            raise TaskError(f"{doing}: {', '.join(absent)} is not there (any more)")
        # The SDK hands them over in the order of a protobuf map, which is any.
        return Outputs({name: outputs[name] for name in types})

    async def result(self) -> Any:
        """What the task's function returned: None, the one output, or all of them as a tuple. Raises RunFailed."""
        outputs = await self.outputs()
        if not outputs:
            return None
        return outputs[0] if len(outputs) == 1 else outputs

    async def abort(self, reason: str = "aborted by the caller") -> None:
        """Stop it. Nothing happens where it has ended already."""
        await ask(f"aborting run {self.name}", partial(self.flyte.abort.aio, reason))

    async def _failure(self) -> str:
        details = await ask(f"reading run {self.name}", self.flyte.details.aio)
        return failure_reason(details.action_details)


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
