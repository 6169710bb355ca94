"""`rt.task(alias)`: start the task that the Pulumi program wired as `alias`, and follow its runs."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from flyte_runtime.container import declarations
from flyte_runtime.errors import RunTimedOut, TaskInputError
from flyte_runtime.event_loop import blocking, pacing
from flyte_runtime.tasks.run import SyncRun
from flyte_runtime.tasks.run_name import keyed_run_name, random_run_name

if TYPE_CHECKING:
    from flyte_runtime.contract import TaskInput
    from flyte_runtime.tasks.backend import TaskBackend
    from flyte_runtime.tasks.run import Run

__all__ = ["SyncTask", "TaskHandle", "override", "task"]

_handles: dict[str, TaskHandle] = {}
_overrides: dict[tuple[str, str, str], TaskBackend] = {}


def task(alias: str) -> TaskHandle:
    """The task wired as `alias`. It costs nothing until it is used; equal aliases give the same handle."""
    handle = _handles.get(alias)
    if handle is None:
        handle = _handles.setdefault(alias, TaskHandle(alias))
        declarations.tasks.add(alias)
    return handle


def override(task_input: TaskInput, backend: TaskBackend | None) -> TaskBackend | None:
    """Use another backend for a task, in all its versions, or None for Flyte. Return the backend before."""
    key = (task_input.project, task_input.domain, task_input.name)
    before = _overrides.pop(key, None)
    if backend is not None:
        _overrides[key] = backend
    return before


class TaskHandle:
    """Starts a wired task: the version that the Pulumi program pinned, or the latest one where it named none.

    Flyte's SDK is imported and initialised with the first call that needs it (`rt.lifespan` does it at start-up),
    and its work is done in its own thread: nothing here blocks an event loop.
    """

    def __init__(self, alias: str) -> None:
        self.alias = alias
        self._control_plane: TaskBackend | None = None

    def __repr__(self) -> str:
        return f"rt.task({self.alias!r})"

    def __reduce__(self) -> tuple[Any, ...]:
        """A copy, and what another process unpickles, is the handle of that alias there."""
        return task, (self.alias,)

    @property
    def input(self) -> TaskInput:
        """What is wired: project, domain, name, version. Raises a WiringError that says what is missing."""
        from flyte_runtime.container import wiring  # pydantic, which a mere declaration need not load

        return wiring.task_input(self.alias)

    @property
    def sync(self) -> SyncTask:
        """The same without `await`, for code that runs in no event loop."""
        return SyncTask(self)

    async def start(
        self,
        inputs: Mapping[str, Any] | None = None,
        /,
        *,
        idempotency_key: str | None = None,
        labels: Mapping[str, str] | None = None,
        env: Mapping[str, str] | None = None,
        **more_inputs: Any,
    ) -> Run:
        """Start a run and return at once. Inputs are keywords, or a mapping where their names are data.

        JSON fits wherever the task's type can be written in it: whole numbers for floats, null, lists for tuples,
        objects for dataclasses and models, ISO 8601 for times and durations, names for the members of an enum.

        An equal `idempotency_key` with equal inputs is one run, however often and from however many processes it is
        started: the key makes the run's name. Without one, an answer that was lost is still never a second run.
        Raises TaskInputError (nothing was sent), TaskNotFound, StartFailed, NotConfigured, a WiringError.
        """
        values = {**(inputs or {}), **more_inputs}
        task_input = self.input
        backend = self._backend(task_input)
        interface = await backend.interface(task_input)

        from flyte_runtime.tasks.inputs import fitted_inputs

        fits, problems = await fitted_inputs(interface, values)
        if problems:
            raise TaskInputError(task_input.reference, problems)
        plain = {name: fit.value for name, fit in fits.items()}
        return await backend.start(task_input, fits, _run_name(task_input, plain, idempotency_key), labels, env)

    async def run_and_wait(
        self, inputs: Mapping[str, Any] | None = None, /, *, timeout: float | None = None, **options: Any
    ) -> Run:
        """`start`, then `Run.wait`: the ended run. Options are `start`'s.

        `timeout` is in seconds for both together; it defaults to the edge's, and without that there is none. Raises
        what they raise; RunTimedOut also where the control plane did not answer the start in time: an equal
        idempotency key then finds the run, if there is one.
        """
        limit = timeout if timeout is not None else self.input.timeout
        begun = time.monotonic()
        try:
            async with pacing.deadline(limit):
                run = await self.start(inputs, **options)
        except TimeoutError as error:
            msg = f"the control plane has not answered the start of {self.input.reference} within {limit:g} s"
            raise RunTimedOut(msg) from error
        return await run.wait(None if limit is None else max(0.0, limit - (time.monotonic() - begun)))

    async def run(self, name: str) -> Run:
        """The task's run of that name, started by whomever: its phase now, to be watched, waited for, aborted.

        Raises RunNotFound, also for a name that belongs to another task.
        """
        task_input = self.input
        return await self._backend(task_input).run(task_input, name)

    async def latest(self, *, succeeded: bool = False) -> Run | None:
        """The newest run of the task, of any version; with `succeeded=True` the newest that did. None without one."""
        newest = await self.runs(1, succeeded=succeeded)
        return newest[0] if newest else None

    async def runs(self, limit: int = 20, *, succeeded: bool = False) -> list[Run]:
        """The newest runs of the task, of any version, newest first."""
        task_input = self.input
        return await self._backend(task_input).runs(task_input, limit, succeeded=succeeded)

    def _backend(self, task_input: TaskInput) -> TaskBackend:
        if _overrides:
            replacement = _overrides.get((task_input.project, task_input.domain, task_input.name))
            if replacement is not None:
                return replacement
        if self._control_plane is None:
            from flyte_runtime.tasks.control_plane import ControlPlane

            self._control_plane = ControlPlane()
        return self._control_plane


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


def _run_name(task_input: TaskInput, inputs: Mapping[str, Any], key: str | None) -> str:
    if key is None:
        return random_run_name()
    if not key:
        raise TaskInputError(
            task_input.reference, {"idempotency_key": "is empty, so deliveries could not be told apart"}
        )
    try:
        return keyed_run_name(key, f"{task_input.project}/{task_input.domain}/{task_input.name}", inputs)
    except TypeError as error:
        msg = f"{error}, so no run name can be made of it and the idempotency key: pass plain values"
        raise TaskInputError(task_input.reference, {"idempotency_key": msg}) from error
