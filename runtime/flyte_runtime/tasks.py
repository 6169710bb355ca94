"""`rt.task(alias)`: start the task that the Pulumi program wired as `alias`, and follow its runs."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from flyte_runtime import initialization, pacing
from flyte_runtime.errors import StartFailed, TaskInputError
from flyte_runtime.run_name import keyed_run_name, random_run_name
from flyte_runtime.runs import Run

if TYPE_CHECKING:
    from flyte.remote import TaskDetails

    from flyte_runtime.contract import TaskInput
    from flyte_runtime.sync_tasks import SyncTask

__all__ = ["TaskHandle", "task"]

_START_ATTEMPTS = 4
# Parameter names of the SDK's own functions, which take the inputs as keywords.
_SDK_PARAMETERS = frozenset({"self", "task", "obj"})
_handles: dict[str, TaskHandle] = {}


def task(alias: str) -> TaskHandle:
    """The task wired as `alias`. It costs nothing until it is used; equal aliases give the same handle."""
    handle = _handles.get(alias)
    if handle is None:
        handle = _handles.setdefault(alias, TaskHandle(alias))
    return handle


class TaskHandle:
    """Starts a wired task: the version that the Pulumi program pinned, or the latest one where it named none.

    Flyte's SDK is imported and initialised with the first call that needs it (`rt.lifespan` does it at start-up),
    and its work is done in its own thread: nothing here blocks an event loop.
    """

    def __init__(self, alias: str) -> None:
        self.alias = alias
        self._pinned: dict[str, TaskDetails] = {}

    def __repr__(self) -> str:
        return f"rt.task({self.alias!r})"

    @property
    def input(self) -> TaskInput:
        """What is wired: project, domain, name, version. Raises a WiringError that says what is missing."""
        from flyte_runtime import wiring  # pydantic, which a mere declaration need not load

        return wiring.task_input(self.alias)

    @property
    def sync(self) -> SyncTask:
        """The same without `await`, for code that runs in no event loop."""
        from flyte_runtime.sync_tasks import SyncTask

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

        An equal `idempotency_key` with equal inputs is one run, however often and from however many processes it is
        started: the key makes the run's name. Without one, an answer that was lost is still never a second run.
        Raises TaskInputError (nothing was sent), TaskNotFound, StartFailed, NotConfigured, a WiringError.
        """
        wanted = {**(inputs or {}), **more_inputs}
        found = self.input
        details = await self._details(found)

        from flyte_runtime.task_inputs import input_problems, widened

        wanted = widened(details, wanted)
        problems = await input_problems(details, wanted)
        if problems:
            raise TaskInputError(found.reference, problems)
        name = self._run_name(found, wanted, idempotency_key)
        return await _submit(found, details, wanted, name, labels, env)

    async def run_and_wait(
        self, inputs: Mapping[str, Any] | None = None, /, *, timeout: float | None = None, **options: Any
    ) -> Run:
        """`start`, then `Run.wait`: the ended run. `timeout` defaults to the edge's; options are `start`'s."""
        limit = timeout if timeout is not None else self.input.timeout
        run = await self.start(inputs, **options)
        return await run.wait(limit)

    async def latest(self, *, succeeded: bool = False) -> Run | None:
        """The newest run of the task, of any version; with `succeeded=True` the newest that did. None without one."""
        found = await self.runs(1, succeeded=succeeded)
        return found[0] if found else None

    async def runs(self, limit: int = 20, *, succeeded: bool = False) -> list[Run]:
        """The newest runs of the task, of any version, newest first."""
        found = self.input
        await initialization.ensure()
        from flyte.remote import Run as FlyteRun

        from flyte_runtime.sdk import as_task_errors

        with as_task_errors(f"listing the runs of {found.name}"):
            return [
                Run(run)
                async for run in FlyteRun.listall.aio(
                    task_name=found.name,
                    project=found.project,
                    domain=found.domain,
                    in_phase=("succeeded",) if succeeded else None,
                    sort_by=("created_at", "desc"),
                    limit=limit,
                )
            ]

    async def _details(self, found: TaskInput) -> TaskDetails:
        """The task as the control plane has it. A pinned version does not change, so it is fetched once."""
        await initialization.ensure()
        known = self._pinned.get(found.reference)
        if known is not None:
            return known
        from flyte.remote import Task

        from flyte_runtime.sdk import as_task_errors

        lazy = Task.get(
            found.name,
            project=found.project,
            domain=found.domain,
            version=found.version,
            auto_version=None if found.version else "latest",
        )
        with as_task_errors(f"looking up task {found.reference}"):
            details: TaskDetails = await lazy.fetch.aio()
        if found.version:
            self._pinned[found.reference] = details
        return details

    def _run_name(self, found: TaskInput, inputs: Mapping[str, Any], key: str | None) -> str:
        if key is None:
            return random_run_name()
        try:
            return keyed_run_name(key, f"{found.project}/{found.domain}/{found.name}", inputs)
        except TypeError as error:
            msg = f"{error}, so no run name can be made of it and the idempotency key: pass plain values"
            raise TaskInputError(found.reference, {"idempotency_key": msg}) from error


async def _submit(
    found: TaskInput,
    details: TaskDetails,
    inputs: Mapping[str, Any],
    name: str,
    labels: Mapping[str, str] | None,
    env: Mapping[str, str] | None,
) -> Run:
    """Create the run `name`. It may be sent again after any lost answer, since the name is the run's identity."""
    import flyte
    import flyte.errors

    from flyte_runtime.sdk import as_task_errors

    runner = flyte.with_runcontext(
        mode="remote",
        name=name,
        project=found.project,
        domain=found.domain,
        labels=dict(labels) if labels else None,
        env_vars=dict(env) if env else None,
    )
    args, keywords = _as_arguments(found, details, inputs)
    for attempt in range(_START_ATTEMPTS):
        try:
            with as_task_errors(f"starting {found.reference}"):
                return Run(await runner.run.aio(details, *args, **keywords))
        except StartFailed as error:
            cause = error.__cause__
            code = getattr(cause, "code", "")
            if code == "RunAlreadyExistsError":
                return await _existing(found, name)
            if code != "SystemUnavailableError" or attempt == _START_ATTEMPTS - 1:
                raise
            await pacing.sleep(random.uniform(0, 0.2 * 2**attempt))
    raise AssertionError  # the last attempt returns or raises


def _as_arguments(
    found: TaskInput, details: TaskDetails, inputs: Mapping[str, Any]
) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Keywords, unless an input is called as a parameter of the SDK's functions: then by position."""
    clashing = _SDK_PARAMETERS & inputs.keys()
    if not clashing:
        return (), dict(inputs)
    order = list(details.interface.inputs)
    last = max(order.index(name) for name in clashing)
    absent = [name for name in order[: last + 1] if name not in inputs]
    if absent:
        problem = f"has to be given too, since {order[last]!r} can only be passed by position"
        raise TaskInputError(found.reference, dict.fromkeys(absent, problem))
    return tuple(inputs[name] for name in order[: last + 1]), {
        name: value for name, value in inputs.items() if name in order[last + 1 :]
    }


async def _existing(found: TaskInput, name: str) -> Run:
    from flyte.remote import Run as FlyteRun
    from flyte.remote import RunDetails
    from flyteidl2.common import identifier_pb2
    from flyteidl2.workflow import run_definition_pb2

    from flyte_runtime.sdk import as_task_errors

    with as_task_errors(f"reading run {name}"):
        import flyte._initialize

        org = flyte._initialize.get_init_config().org
        identity = identifier_pb2.RunIdentifier(org=org, project=found.project, domain=found.domain, name=name)
        details = await RunDetails.get_details.aio(identity)
    action = run_definition_pb2.Action(
        id=details.action_id,
        metadata=details.action_details.pb2.metadata,
        status=details.action_details.pb2.status,
    )
    return Run(FlyteRun(pb2=run_definition_pb2.Run(action=action)))
