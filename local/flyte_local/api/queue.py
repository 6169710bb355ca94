"""`flyteidl2.workflow.QueueService`: a running action enqueues its children here."""

from __future__ import annotations

from flyteidl2.workflow import queue_service_connect
from flyteidl2.workflow import queue_service_pb2 as pb

from flyte_local.api.call import Call
from flyte_local.runs.children import Children
from flyte_local.runs.records import root_of


class QueueService(queue_service_connect.QueueService):  # type: ignore[misc]  # generated, untyped
    """Enqueues and aborts."""

    def __init__(self, children: Children) -> None:
        self._children = children

    async def enqueue_action(self, request: pb.EnqueueActionRequest, ctx: Call) -> pb.EnqueueActionResponse:
        """Accept a child."""
        self._children.enqueue(request)
        return pb.EnqueueActionResponse()

    async def abort_queued_action(
        self, request: pb.AbortQueuedActionRequest, ctx: Call
    ) -> pb.AbortQueuedActionResponse:
        """End a child, queued or running."""
        await self._children.abort(request.action_id, request.reason)
        return pb.AbortQueuedActionResponse()

    async def abort_queued_run(self, request: pb.AbortQueuedRunRequest, ctx: Call) -> pb.AbortQueuedRunResponse:
        """End a run."""
        await self._children.abort(root_of(request.run_id), request.reason)
        return pb.AbortQueuedRunResponse()
