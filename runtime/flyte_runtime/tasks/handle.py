"""`rt.task(alias)`: starts the task that the Pulumi program wired as `alias`, and follows its runs."""

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
    """Return the handle of the task wired as `alias`. Equal aliases give the same handle.

    Nothing is opened or checked before the handle is used.
    """
    handle = _handles.get(alias)
    if handle is None:
        handle = _handles.setdefault(alias, TaskHandle(alias))
        declarations.tasks.add(alias)
    return handle


def override(task_input: TaskInput, backend: TaskBackend | None) -> TaskBackend | None:
    """Use another backend for all versions of a task. None means Flyte.

    Return the backend that was set before.
    """
    key = (task_input.project, task_input.domain, task_input.name)
    previous = _overrides.pop(key, None)
    if backend is not None:
        _overrides[key] = backend
    return previous


class TaskHandle:
    """A handle that starts a wired task: the version that the Pulumi program pinned, or else the latest one.

    The first call imports and initialises Flyte's SDK, unless `rt.lifespan` did so at start-up. The SDK works in its
    own thread, so calls never block the event loop.
    """

    def __init__(self, alias: str) -> None:
        self.alias = alias
        self._control_plane: TaskBackend | None = None

    def __repr__(self) -> str:
        return f"rt.task({self.alias!r})"

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle the alias. A copy, or the result of unpickling in another process, is the handle of that alias."""
        return task, (self.alias,)

    @property
    def input(self) -> TaskInput:
        """The task's project, domain, name and version. Raises a WiringError that says what is missing."""
        from flyte_runtime.container import wiring  # imports pydantic, so not at the top of the module

        return wiring.task_input(self.alias)

    @property
    def sync(self) -> SyncTask:
        """The same handle without `await`, for code outside an event loop."""
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
        """Start a run and return at once. Pass the inputs as keyword arguments or as one mapping.

        JSON data is accepted for every type that JSON can express: whole numbers for floats, null, lists for tuples,
        objects for dataclasses and models, ISO 8601 for times and durations, names for the members of an enum.

        With an `idempotency_key`, several starts with the same key and inputs give one run, from any number of
        processes: the name of the run is made from the key. Without a key, the start is still repeated safely after a
        lost answer.

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
        """Start a run, wait for its end, and return it. Options are those of `start`.

        `timeout` limits both together, in seconds. Default: the timeout of the edge, or no limit. Raises the errors of
        `start` and `Run.wait`. RunTimedOut also means that the control plane did not answer the start in time; starting
        again with the same idempotency key then returns the run, if it exists.
        """
        limit = timeout if timeout is not None else self.input.timeout
        begun = time.monotonic()
        try:
            async with pacing.deadline(limit):
                run = await self.start(inputs, **options)
        except TimeoutError as error:
            msg = f"the control plane did not answer the start of {self.input.reference} within {limit:g} s"
            raise RunTimedOut(msg) from error
        return await run.wait(None if limit is None else max(0.0, limit - (time.monotonic() - begun)))

    async def run(self, name: str) -> Run:
        """Return the task's run of that name, no matter who started it.

        Raises RunNotFound, also for a run of another task.
        """
        task_input = self.input
        return await self._backend(task_input).run(task_input, name)

    async def latest(self, *, succeeded: bool = False) -> Run | None:
        """Return the newest run of any version of the task, or None. `succeeded=True` counts only successful runs."""
        newest = await self.runs(1, succeeded=succeeded)
        return newest[0] if newest else None

    async def runs(self, limit: int = 20, *, succeeded: bool = False) -> list[Run]:
        """Return the newest runs of any version of the task, the newest first."""
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
    """A synchronous `TaskHandle`. Its methods raise WouldBlock inside a running event loop."""

    def __init__(self, handle: TaskHandle) -> None:
        self._handle = handle
        self._instead = f"await rt.task({handle.alias!r}).<method>(…)"

    def __repr__(self) -> str:
        return f"{self._handle!r}.sync"

    def start(self, inputs: Mapping[str, Any] | None = None, /, **options: Any) -> SyncRun:
        """Start a run and return at once. See `TaskHandle.start`."""
        return SyncRun(blocking.run(self._handle.start(inputs, **options), self._instead))

    def run_and_wait(self, inputs: Mapping[str, Any] | None = None, /, **options: Any) -> SyncRun:
        """Start a run, wait for its end, and return it. See `TaskHandle.run_and_wait`."""
        return SyncRun(blocking.run(self._handle.run_and_wait(inputs, **options), self._instead))

    def run(self, name: str) -> SyncRun:
        """Return the task's run of that name. See `TaskHandle.run`."""
        return SyncRun(blocking.run(self._handle.run(name), self._instead))

    def latest(self, *, succeeded: bool = False) -> SyncRun | None:
        """Return the newest run, or None. See `TaskHandle.latest`."""
        run = blocking.run(self._handle.latest(succeeded=succeeded), self._instead)
        return SyncRun(run) if run is not None else None

    def runs(self, limit: int = 20, *, succeeded: bool = False) -> list[SyncRun]:
        """Return the newest runs, the newest first. See `TaskHandle.runs`."""
        return [SyncRun(run) for run in blocking.run(self._handle.runs(limit, succeeded=succeeded), self._instead)]


def _run_name(task_input: TaskInput, inputs: Mapping[str, Any], key: str | None) -> str:
    if key is None:
        return random_run_name()
    if not key:
        raise TaskInputError(task_input.reference, {"idempotency_key": "is empty"})
    try:
        return keyed_run_name(key, f"{task_input.project}/{task_input.domain}/{task_input.name}", inputs)
    except TypeError as error:
        msg = f"{error}, so no run name can be made from it and the idempotency key: pass plain values"
        raise TaskInputError(task_input.reference, {"idempotency_key": msg}) from error
