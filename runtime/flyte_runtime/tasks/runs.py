"""A run of a task: its name at once, its phases as they come, its outputs at the end."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from functools import partial
from typing import TYPE_CHECKING, Any

from flyte_runtime.errors import RunFailed, RunTimedOut, TaskError, reason_of
from flyte_runtime.event_loop import pacing
from flyte_runtime.tasks.sdk import as_task_errors, ask

if TYPE_CHECKING:
    from flyte.remote import ActionDetails
    from flyte.remote import Run as FlyteRun

    from flyte_runtime.tasks.sync import SyncRun

__all__ = ["TERMINAL_PHASES", "Outputs", "Run", "RunUpdate"]

# Flyte's own names (flyte.models.ActionPhase); `recovered` is success taken over from an earlier run.
SUCCESSFUL_PHASES = frozenset({"succeeded", "recovered"})
TERMINAL_PHASES = SUCCESSFUL_PHASES | {"failed", "aborted", "timed_out"}


@dataclass(frozen=True)
class RunUpdate:
    """One state of a run: its phase, which attempt, its times (UTC) as far as they are known, and its error."""

    name: str
    phase: str
    attempt: int = 0
    started_at: datetime | None = None
    ended_at: datetime | None = None
    error: str = ""

    @property
    def done(self) -> bool:
        """Whether no update follows."""
        return self.phase in TERMINAL_PHASES


class Outputs(tuple[Any, ...]):
    """What a run has put out: a tuple in the order of the task's interface, and by name in `named_outputs`.

    Python tasks have the names o0, o1 … unless they name their outputs; raw containers always name them.
    """

    named_outputs: Mapping[str, Any]

    def __new__(cls, named_outputs: Mapping[str, Any]) -> Outputs:
        outputs = super().__new__(cls, named_outputs.values())
        outputs.named_outputs = dict(named_outputs)
        return outputs

    def __getnewargs__(self) -> tuple[Any]:
        return (self.named_outputs,)

    def __repr__(self) -> str:
        return f"Outputs({', '.join(f'{name}={value!r}' for name, value in self.named_outputs.items())})"


class Run:
    """A run that was started or found. `flyte` is the Flyte SDK's own object, for everything that is not here."""

    def __init__(self, flyte: FlyteRun) -> None:
        self.flyte = flyte
        self._phase = _text(flyte.phase)
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
        from flyte_runtime.tasks.sync import SyncRun

        return SyncRun(self)

    async def watch(self) -> AsyncIterator[RunUpdate]:
        """Every change from now on, the present state first, until the run has ended.

        Lost connections to the control plane are taken up again; equal states are told once.
        """
        last: RunUpdate | None = None
        from flyte_runtime.tasks.watching import action_details

        with as_task_errors(f"watching run {self.name}"):
            async for details in action_details(self.flyte.pb2.action.id):
                update = _update(self.name, details)
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
        return _reason(details.action_details)


def _update(name: str, details: ActionDetails) -> RunUpdate:
    status = details.pb2.status
    return RunUpdate(
        name=name,
        phase=_text(details.phase),
        attempt=status.attempts,
        started_at=_time(status, "start_time"),
        ended_at=_time(status, "end_time"),
        error=_reason(details),
    )


def _text(phase: Any) -> str:
    """Flyte's phases are an enum of strings."""
    return str(getattr(phase, "value", phase))


def _time(status: Any, field: str) -> datetime | None:
    if not status.HasField(field):
        return None
    at: datetime = getattr(status, field).ToDatetime(tzinfo=timezone.utc)
    return at


def _reason(details: ActionDetails) -> str:
    if details.error_info is not None:
        return str(details.error_info.message)
    if details.abort_info is not None:
        return str(details.abort_info.reason)
    return ""
