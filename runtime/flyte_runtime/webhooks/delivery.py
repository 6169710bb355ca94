"""A verified delivery of a webhook."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Generic

from typing_extensions import TypeVar

from flyte_runtime.errors import FlyteRuntimeError, TaskInputError, nearest
from flyte_runtime.webhooks.payload import fields_of, unfit, validated
from flyte_runtime.webhooks.refusal import Refused

if TYPE_CHECKING:
    from pydantic import TypeAdapter

    from flyte_runtime.tasks.run import Run

__all__ = ["Delivery"]

Payload = TypeVar("Payload", default=Any)


@dataclass(frozen=True)
class Delivery(Generic[Payload]):
    """A delivery that is verified, within the limits, and not a replay.

    payload: an instance of the hook's model, or the JSON value without a model.
    body: the verified bytes.
    key: the label of the key that verified the delivery.
    id: the sender's id of the delivery, if any.
    event: the kind of the event, if the sender has kinds (GitHub).
    runs: the names of the runs that this delivery has started.
    caller: the label of the key, if each key has its own ids (bearer and API keys).
    """

    hook: str
    payload: Payload
    body: bytes = field(repr=False)
    key: str
    id: str | None = None
    event: str | None = None
    tasks: Mapping[str, TypeAdapter[Any] | None] = field(default_factory=dict, repr=False)
    runs: list[str] = field(default_factory=list)
    caller: str | None = None

    @property
    def idempotency_key(self) -> str | None:
        """The key for which a repeated delivery gives the same run in every process, or None without an id."""
        if self.id is None:
            return None
        return "/".join(("webhook", self.hook, *((self.caller,) if self.caller else ()), self.id))

    async def start(self, task: str, inputs: Mapping[str, Any] | None = None, /, **more_inputs: Any) -> Run:
        """Start the wired `task`, which must be one of the hook's `tasks`. The default inputs are the payload's fields.

        A repeated delivery gives the same run. Raises Refused: 403 for a task that is not listed, 422 for inputs that
        do not fit, and 503 if the task cannot be started now. The audit line has the reason of a 503.
        """
        if task not in self.tasks:
            detail = f"task {task!r} is not one that this webhook may start{nearest(task, self.tasks)}"
            raise Refused(403, detail, reason="the task is not one that this webhook may start")
        task_inputs = {**(inputs or {}), **more_inputs}
        if inputs is None and not more_inputs:
            task_inputs = self._from_payload(task)

        from flyte_runtime.tasks import task as handle

        try:
            run = await handle(task).start(task_inputs, idempotency_key=self.idempotency_key)
        except TaskInputError as error:
            problems = [
                {"type": "task_input", "loc": ["body", name], "msg": problem}
                for name, problem in error.problems.items()
            ]
            raise unfit(problems) from error
        except FlyteRuntimeError as error:
            detail = f"task {task!r} could not be started just now"
            raise Refused(503, detail, headers={"retry-after": "5"}, reason=str(error)) from error
        self.runs.append(run.name)
        return run

    def _from_payload(self, task: str) -> dict[str, Any]:
        adapter = self.tasks[task]
        fields = fields_of(self.payload if adapter is None else validated(adapter, self.body))
        if fields is None:
            raise unfit([{"type": "dict_type", "loc": ["body"], "msg": "Input should be a JSON object"}])
        return fields
