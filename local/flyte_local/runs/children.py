"""Children of actions. StateService, QueueService and ActionsService share this implementation."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator

from connectrpc.code import Code
from connectrpc.errors import ConnectError
from flyteidl2.common.identifier_pb2 import ActionIdentifier
from flyteidl2.core.literals_pb2 import Literal
from flyteidl2.workflow.queue_service_pb2 import EnqueueActionRequest
from flyteidl2.workflow.run_definition_pb2 import (
    ACTION_TYPE_CONDITION,
    ACTION_TYPE_TASK,
    ACTION_TYPE_TRACE,
    ActionDetails,
    ActionMetadata,
    ConditionActionMetadata,
    TaskActionMetadata,
    TraceActionMetadata,
)
from flyteidl2.workflow.state_service_pb2 import ActionUpdate

from flyte_local.runs.phases import PAUSED, QUEUED, SUCCEEDED, is_terminal, move
from flyte_local.runs.records import ROOT, Plan, Records
from flyte_local.runs.runner import Runner
from flyte_local.state.data_files import execution_error, path_of
from flyte_local.state.notices import Notices
from flyte_local.tasks.containers import container_of
from flyte_local.wire.identifiers import action_key, invalid, not_found, run_key
from flyte_local.wire.times import stamp


class Children:
    """Enqueues, watches, signals and aborts the children of an action."""

    def __init__(self, records: Records, runner: Runner, notices: Notices) -> None:
        self._records = records
        self._runner = runner
        self._notices = notices

    def enqueue(self, request: EnqueueActionRequest) -> None:
        """Accept a task, trace or condition.

        Raises ALREADY_EXISTS for a known action, ABORTED if its parent has ended.
        """
        identifier = request.action_id
        key = action_key(identifier)
        parent_name = request.parent_action_name or ROOT
        parent = self._records.existing(ActionIdentifier(run=identifier.run, name=parent_name))
        if self._records.action(key) is not None:
            raise ConnectError(Code.ALREADY_EXISTS, f"action {identifier.name!r} already exists")
        if is_terminal(parent):
            raise ConnectError(Code.ABORTED, f"action {parent_name!r} has ended: it starts no more children")
        kind = request.WhichOneof("spec")
        if kind == "task":
            self._enqueue_task(request)
        elif kind == "trace":
            self._record_trace(request)
        elif kind == "condition":
            self._pause_condition(request)
        else:
            raise invalid(f"action {identifier.name!r} is neither a task nor a trace nor a condition")

    async def watch(self, parent: ActionIdentifier) -> AsyncIterator[ActionUpdate | None]:
        """Yield the existing children, None when all were sent, then every change. It never ends."""
        run = run_key(parent.run)
        with self._notices.subscribe(run + "/") as changes:
            for details in self._records.children(parent):
                yield self._update(details)
            yield None
            while True:
                for key in await changes.changed():
                    changed = self._records.action(key)
                    if changed is not None and changed.metadata.parent == parent.name:
                        yield self._update(changed)

    async def abort(self, identifier: ActionIdentifier, reason: str) -> None:
        """End a child. Raises NOT_FOUND if it does not exist."""
        self._records.existing(identifier)
        await self._runner.abort(action_key(identifier), reason or "aborted by its parent")

    def signal(self, identifier: ActionIdentifier, value: Literal) -> None:
        """Give a value to a waiting condition. Raises FAILED_PRECONDITION if it has been answered or has ended."""
        key = action_key(identifier)
        details = self._records.action(key)
        if details is None or not details.HasField("condition"):
            raise not_found(f"condition {identifier.name!r} of run {identifier.run.name!r} does not exist")
        if details.status.phase != PAUSED:
            raise ConnectError(
                Code.FAILED_PRECONDITION, f"condition {identifier.name!r} has been answered or has ended"
            )
        details.signal_info.output.CopyFrom(value)
        details.signal_info.signalled_by.user.id.subject = "local"
        move(details, SUCCEEDED)
        self._runner.finish(details)

    def _enqueue_task(self, request: EnqueueActionRequest) -> None:
        spec, task = request.task.spec, request.task
        container_of(spec.task_template)
        path_of(request.input_uri)
        path_of(request.run_output_base)
        root = self._records.plan(f"{run_key(request.action_id.run)}/{ROOT}")
        name = task.id if task.id.name else spec.task_template.id
        metadata = TaskActionMetadata(task_type=spec.task_template.type, short_name=spec.short_name)
        metadata.id.name, metadata.id.version, metadata.id.org = name.name, name.version, name.org
        metadata.id.project, metadata.id.domain = name.project, name.domain
        details = _details(request, ActionMetadata(action_type=ACTION_TYPE_TASK, task=metadata))
        plan = Plan(
            inputs=request.input_uri,
            base=request.run_output_base,
            interpreter=root.interpreter if root else "",
            run_start=root.run_start if root else "",
            cache_key=task.cache_key.value,
        )
        move(details, QUEUED)
        self._records.create(details, plan, spec)
        self._runner.submit(details)

    def _record_trace(self, request: EnqueueActionRequest) -> None:
        trace = request.trace
        details = _details(
            request, ActionMetadata(action_type=ACTION_TYPE_TRACE, trace=TraceActionMetadata(name=trace.name))
        )
        details.trace.CopyFrom(trace.spec)
        details.status.start_time.CopyFrom(trace.start_time)
        move(details, trace.phase or SUCCEEDED)
        if trace.HasField("end_time"):
            details.status.end_time.CopyFrom(trace.end_time)
        plan = Plan(request.input_uri, request.run_output_base, outputs=trace.outputs.output_uri)
        self._records.create(details, plan)

    def _pause_condition(self, request: EnqueueActionRequest) -> None:
        condition = request.condition
        metadata = ConditionActionMetadata(name=condition.name, type=condition.type)
        details = _details(request, ActionMetadata(action_type=ACTION_TYPE_CONDITION, condition=metadata))
        details.condition.CopyFrom(condition)
        move(details, PAUSED)
        self._records.create(details, None)
        self._runner.pause(details)

    def _update(self, details: ActionDetails) -> ActionUpdate:
        update = ActionUpdate(action_id=details.id, phase=details.status.phase)
        plan = self._records.plan(action_key(details.id))
        if plan is not None:
            number = max(1, len(details.attempts))
            update.output_uri = plan.outputs or f"{plan.base}/{details.id.name}/{number}"
        if details.HasField("error_info"):
            update.error.CopyFrom(execution_error(details.error_info))
        if details.signal_info.HasField("output"):
            update.value.CopyFrom(details.signal_info.output)
        return update


def _details(request: EnqueueActionRequest, metadata: ActionMetadata) -> ActionDetails:
    metadata.parent, metadata.group = request.parent_action_name or ROOT, request.group
    metadata.executed_by.user.id.subject = "local"
    details = ActionDetails(id=request.action_id, metadata=metadata)
    details.status.start_time.CopyFrom(stamp(time.time()))
    return details
