"""`flyteidl2.actions.ActionsService`: queue and state in one (the SDK's `_U_USE_ACTIONS=1`)."""

from __future__ import annotations

from collections.abc import AsyncIterator

from flyteidl2.actions import actions_service_connect
from flyteidl2.actions import actions_service_pb2 as pb
from flyteidl2.workflow.queue_service_pb2 import EnqueueActionRequest
from flyteidl2.workflow.state_service_pb2 import ControlMessage

from flyte_local.api.call import Call
from flyte_local.runs.children import Children


class ActionsService(actions_service_connect.ActionsService):  # type: ignore[misc]  # generated, untyped
    """Enqueues, watches, aborts and signals."""

    def __init__(self, children: Children) -> None:
        self._children = children

    async def enqueue(self, request: pb.EnqueueRequest, ctx: Call) -> pb.EnqueueResponse:
        """Accept a child."""
        action = request.action
        enqueue_request = EnqueueActionRequest(
            action_id=action.action_id,
            parent_action_name=action.parent_action_name,
            input_uri=action.input_uri,
            run_output_base=action.run_output_base,
            group=action.group,
        )
        kind = action.WhichOneof("spec")
        if kind:
            getattr(enqueue_request, kind).CopyFrom(getattr(action, kind))
        self._children.enqueue(enqueue_request)
        return pb.EnqueueResponse()

    async def watch_for_updates(
        self, request: pb.WatchForUpdatesRequest, ctx: Call
    ) -> AsyncIterator[pb.WatchForUpdatesResponse]:
        """Yield existing children, the sentinel, then live updates."""
        async for update in self._children.watch(request.parent_action_id):
            if update is None:
                yield pb.WatchForUpdatesResponse(control_message=ControlMessage(sentinel=True))
            else:
                yield pb.WatchForUpdatesResponse(action_update=update)

    async def abort(self, request: pb.AbortRequest, ctx: Call) -> pb.AbortResponse:
        """End a child, queued or running."""
        await self._children.abort(request.action_id, request.reason)
        return pb.AbortResponse()

    async def signal(self, request: pb.SignalRequest, ctx: Call) -> pb.SignalResponse:
        """Answer a condition."""
        self._children.signal(request.action_id, request.value)
        return pb.SignalResponse()
