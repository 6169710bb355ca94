"""The backend that runs wired tasks on Flyte's control plane, through Flyte's SDK."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from flyte_runtime.errors import RunNotFound, StartFailed, TaskError, TaskInputError
from flyte_runtime.tasks import initialization
from flyte_runtime.tasks.run import Run
from flyte_runtime.tasks.sdk import call_sdk

if TYPE_CHECKING:
    from flyte.remote import TaskDetails

    from flyte_runtime.contract import TaskInput
    from flyte_runtime.tasks.inputs import Interface
    from flyte_runtime.tasks.literals import Fitted

__all__ = ["ControlPlane"]

# Parameter names of the SDK's own functions, which take the inputs as keywords.
_SDK_PARAMETERS = frozenset({"self", "task", "obj"})


class ControlPlane:
    """The `TaskBackend` for the Flyte that this container is connected to.

    The first call imports and initialises the SDK. It works in its own thread, so calls never block the event loop.
    """

    def __init__(self) -> None:
        self._pinned: dict[str, TaskDetails] = {}

    async def interface(self, task_input: TaskInput) -> Interface:
        from flyte_runtime.tasks.inputs import of_details

        details = await self._details(task_input)
        try:
            return of_details(details)
        except ValueError as error:  # the SDK finds no Python type for a Flyte type among the installed packages
            reason = " ".join(str(error).split())[:200]
            msg = (
                f"{task_input.reference} cannot be started from here: it has an input or output of a type that no "
                f"package in this image supports ({reason})"
            )
            raise TaskError(msg) from error

    async def start(
        self,
        task_input: TaskInput,
        inputs: Mapping[str, Fitted],
        name: str,
        labels: Mapping[str, str] | None,
        env: Mapping[str, str] | None,
    ) -> Run:
        """Start the run. The SDK may repeat the request after a lost answer, since the name identifies the run."""
        details = await self._details(task_input)
        import flyte

        runner = flyte.with_runcontext(
            mode="remote",
            name=name,
            project=task_input.project,
            domain=task_input.domain,
            labels=dict(labels) if labels else None,
            env_vars=dict(env) if env else None,
        )
        details, values = _ready(details, inputs)
        args, keywords = _as_arguments(task_input, list(details.interface.inputs), values)
        start = partial(runner.run.aio, details, *args, **keywords)
        try:
            return Run(await call_sdk(f"starting {task_input.reference}", start, StartFailed))
        except StartFailed as error:
            if getattr(error.__cause__, "code", "") == "RunAlreadyExistsError":
                return await self.run(task_input, name)
            raise

    async def run(self, task_input: TaskInput, name: str) -> Run:
        await initialization.ensure()
        from connectrpc.code import Code
        from flyte.remote import Run as FlyteRun
        from flyte.remote import RunDetails
        from flyteidl2.common import identifier_pb2
        from flyteidl2.workflow import run_definition_pb2

        from flyte_runtime.tasks.flyte_internals import organization

        identity = identifier_pb2.RunIdentifier(
            org=organization(), project=task_input.project, domain=task_input.domain, name=name
        )
        missing = RunNotFound(task_input.name, name, f"{task_input.project}/{task_input.domain}")
        try:
            details = await call_sdk(f"reading run {name!r}", partial(RunDetails.get_details.aio, identity))
        except TaskError as error:
            if getattr(error.__cause__, "code", None) in (Code.NOT_FOUND, Code.INVALID_ARGUMENT):
                raise missing from error
            raise
        # Clients of this handle may see only the runs of its task.
        if details.action_details.task_name != task_input.name:
            raise missing
        action = run_definition_pb2.Action(
            id=details.action_id,
            metadata=details.action_details.pb2.metadata,
            status=details.action_details.pb2.status,
        )
        return Run(FlyteRun(pb2=run_definition_pb2.Run(action=action)))

    async def runs(self, task_input: TaskInput, limit: int, *, succeeded: bool) -> list[Run]:
        await initialization.ensure()
        from flyte.remote import Run as FlyteRun

        async def listed() -> list[Run]:
            return [
                Run(run)
                async for run in FlyteRun.listall.aio(
                    task_name=task_input.name,
                    project=task_input.project,
                    domain=task_input.domain,
                    in_phase=("succeeded",) if succeeded else None,
                    sort_by=("created_at", "desc"),
                    limit=limit,
                )
            ]

        return await call_sdk(f"listing the runs of {task_input.name}", listed)

    async def _details(self, task_input: TaskInput) -> TaskDetails:
        """Fetch the task from the control plane. A pinned version does not change, so it is fetched once."""
        await initialization.ensure()
        cached = self._pinned.get(task_input.reference)
        if cached is not None:
            return cached
        from flyte.remote import Task

        lazy = Task.get(
            task_input.name,
            project=task_input.project,
            domain=task_input.domain,
            version=task_input.version,
            auto_version=None if task_input.version else "latest",
        )
        details: TaskDetails = await call_sdk(f"looking up task {task_input.reference}", lazy.fetch.aio)
        if task_input.version:
            self._pinned[task_input.reference] = details
        return details


def _ready(details: TaskDetails, inputs: Mapping[str, Fitted]) -> tuple[TaskDetails, dict[str, Any]]:
    """Return the task and its inputs in a form for which the SDK sends ready literals and converts other values."""
    from flyte_runtime.tasks.flyte_internals import with_input_types
    from flyte_runtime.tasks.literals import Ready, ready_type

    values = {name: each.value if each.literal is None else Ready(each.literal) for name, each in inputs.items()}
    types = {
        name: (ready_type() if isinstance(values.get(name), Ready) else python_type, default)
        for name, (python_type, default) in details.interface.inputs.items()
    }
    return with_input_types(details, types), values


def _as_arguments(
    task_input: TaskInput, order: list[str], inputs: Mapping[str, Any]
) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Return the inputs as keyword arguments. Inputs that are named like a parameter of the SDK go by position."""
    clashing = _SDK_PARAMETERS & inputs.keys()
    if not clashing:
        return (), dict(inputs)
    last = max(order.index(name) for name in clashing)
    absent = [name for name in order[: last + 1] if name not in inputs]
    if absent:
        problem = f"is needed too, because {order[last]!r} can only be passed by position"
        raise TaskInputError(task_input.reference, dict.fromkeys(absent, problem))
    return tuple(inputs[name] for name in order[: last + 1]), {
        name: value for name, value in inputs.items() if name in order[last + 1 :]
    }
