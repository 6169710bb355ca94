"""A delivery that may be acted upon."""

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
    """Verified, within the limits, and not here before.

    `payload` is the hook's model, or the JSON value; `id` the sender's id of it (None where it gave none), `event` its
    kind (GitHub's header), `key` the label of the key that fits, `body` the bytes that were verified. `caller` is
    whose own the ids are, where each key's owner counts by itself (bearer and API keys).
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
        """What makes one run of a repeated delivery, from whichever process; None where the sender gave no id."""
        if self.id is None:
            return None
        return "/".join(("webhook", self.hook, *((self.caller,) if self.caller else ()), self.id))

    async def start(self, task: str, inputs: Mapping[str, Any] | None = None, /, **more_inputs: Any) -> Run:
        """Start the wired `task`, which must be one of the hook's `tasks`; without inputs, with the payload's fields.

        A repeated delivery starts the same run. Raises Refused: 403 for a task that is not listed, 422 for inputs that
        do not fit, 503 where it cannot be started for reasons that are not the sender's; the audit line has them.
        """
        if task not in self.tasks:
            detail = f"task {task!r} is not one that this webhook may start{nearest(task, self.tasks)}"
            raise Refused(403, detail, reason="the task is not one that this webhook may start")
        wanted = {**(inputs or {}), **more_inputs}
        if inputs is None and not more_inputs:
            wanted = self._from_payload(task)

        from flyte_runtime.tasks import task as handle

        try:
            run = await handle(task).start(wanted, idempotency_key=self.idempotency_key)
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
