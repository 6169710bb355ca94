"""A fake task for tests. It checks inputs like the real task, and records runs instead of starting them."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import AsyncIterator, Mapping
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from flyte_runtime.errors import RunNotFound, TaskError
from flyte_runtime.tasks.outputs import Outputs
from flyte_runtime.tasks.run import Run
from flyte_runtime.tasks.updates import RunUpdate

if TYPE_CHECKING:
    from flyte_runtime.contract import TaskInput
    from flyte_runtime.tasks.inputs import Interface
    from flyte_runtime.tasks.literals import Fitted

__all__ = ["FakeRun", "FakeTask"]


class FakeTask:
    """A task that records its runs: `wired({"train": FakeTask(lambda epochs: 2 * epochs)})`, then `rt.task("train")`.

    - `result` is the result of every run, or a function (plain or async) that returns it for the inputs. If the
      function raises, the run fails. Use `rt.Outputs({"rows": 3})` for outputs with names.
    - `task` is a task of Flyte's SDK. Inputs are checked against its interface. Without it, they are checked by name
      against the parameters of the `result` function.
    - With `hold=True`, runs go on until the test calls `run.succeed(…)` or `run.fail(…)`.

    `runs` lists the started runs in order, each with its `inputs`, `labels` and `env`. Starts with the same idempotency
    key and the same inputs give one run.
    """

    def __init__(self, result: Any = None, *, task: Any = None, hold: bool = False) -> None:
        self._result = result
        self._task = task
        self._hold = hold
        self.runs: list[FakeRun] = []

    @property
    def backend(self) -> _FakeBackend:
        """The backend that `TaskHandle` uses in place of the control plane."""
        return _FakeBackend(self)


class _FakeBackend:
    """The `TaskBackend` of a FakeTask."""

    def __init__(self, fake: FakeTask) -> None:
        self._fake = fake

    async def interface(self, task_input: TaskInput) -> Interface:
        from flyte_runtime.tasks.inputs import of_anything, of_function, of_task

        if self._fake._task is not None:
            return of_task(self._fake._task)
        return of_function(self._fake._result) if callable(self._fake._result) else of_anything()

    async def start(
        self,
        task_input: TaskInput,
        inputs: Mapping[str, Fitted],
        name: str,
        labels: Mapping[str, str] | None,
        env: Mapping[str, str] | None,
    ) -> Run:
        existing = self._named(name)
        if existing is not None:
            return existing
        run = FakeRun(
            task_input, name, {each: fit.value for each, fit in inputs.items()}, dict(labels or {}), dict(env or {})
        )
        self._fake.runs.append(run)
        if not self._fake._hold:
            await run._perform(self._fake._result)
        return run

    async def run(self, task_input: TaskInput, name: str) -> Run:
        run = self._named(name)
        if run is None:
            raise RunNotFound(task_input.name, name, f"{task_input.project}/{task_input.domain}")
        return run

    async def runs(self, task_input: TaskInput, limit: int, *, succeeded: bool) -> list[Run]:
        newest = [run for run in reversed(self._fake.runs) if not succeeded or run.updates[-1].phase == "succeeded"]
        return list(newest[:limit])

    def _named(self, name: str) -> FakeRun | None:
        return next((run for run in self._fake.runs if run.name == name), None)


class FakeRun(Run):
    """A recorded run. It has the `inputs`, `labels` and `env` of its start, its `updates`, and its `abort_reason`."""

    def __init__(
        self, task_input: TaskInput, name: str, inputs: dict[str, Any], labels: dict[str, str], env: dict[str, str]
    ) -> None:
        self._name = name
        self._page = f"http://console.test/{task_input.project}/{task_input.domain}/runs/{name}"
        self._phase = "queued"
        self._reason = ""
        self._output: Any = None
        self._waiting: list[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = []
        self.inputs, self.labels, self.env = inputs, labels, env
        self.abort_reason: str | None = None
        self.updates: list[RunUpdate] = []
        self._enter("queued")
        self._enter("running")
        self._phase = "queued"  # as after a real start; `watch` yields the later phases

    @property
    def name(self) -> str:
        return self._name

    @property
    def url(self) -> str:
        return self._page

    def succeed(self, result: Any = None) -> None:
        """End the run with `result`."""
        self._output = result
        self._enter("succeeded")

    def fail(self, reason: str) -> None:
        """End the run as failed."""
        self._enter("failed", reason)

    async def watch(self) -> AsyncIterator[RunUpdate]:
        sent = 0
        changed = asyncio.Event()
        waiter = (asyncio.get_running_loop(), changed)
        self._waiting.append(waiter)
        try:
            while True:
                changed.clear()
                while sent < len(self.updates):
                    update = self.updates[sent]
                    sent += 1
                    self._phase, self._reason = update.phase, update.error
                    yield update
                    if update.done:
                        return
                await changed.wait()
        finally:
            self._waiting.remove(waiter)

    async def outputs(self) -> Outputs:
        await self.wait()
        output = self._output
        if isinstance(output, Outputs):
            return output
        values = () if output is None else output if isinstance(output, tuple) else (output,)
        return Outputs({f"o{number}": value for number, value in enumerate(values)})

    async def abort(self, reason: str = "aborted by the caller") -> None:
        if not self.updates[-1].done:
            self.abort_reason = reason
            self._enter("aborted", reason)

    async def _perform(self, result: Any) -> None:
        try:
            if callable(result):
                result = result(**self.inputs)
                if inspect.isawaitable(result):
                    result = await result
        except Exception as error:  # an error of the task's function fails the run
            self.fail(f"{type(error).__name__}: {error}")
        else:
            self.succeed(result)

    def _enter(self, phase: str, error: str = "") -> None:
        if self.updates and self.updates[-1].done:
            msg = f"run {self._name} has {self.updates[-1].phase} already"
            raise TaskError(msg)
        now = datetime.now(timezone.utc)
        started = self.updates[0].started_at if self.updates else now
        update = RunUpdate(self._name, phase, 1, started, error=error)
        self.updates.append(update if not update.done else RunUpdate(self._name, phase, 1, started, now, error))
        for loop, changed in list(self._waiting):
            loop.call_soon_threadsafe(changed.set)
