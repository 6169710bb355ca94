"""`flyteidl2.workflow.StateService`: a running action watches its children here."""

from __future__ import annotations

from collections.abc import AsyncIterator

from flyteidl2.workflow import state_service_connect
from flyteidl2.workflow import state_service_pb2 as pb

from flyte_local.api.call import Call
from flyte_local.runs.children import Children


class StateService(state_service_connect.StateService):  # type: ignore[misc]  # generated, untyped
    """Watches children. Put and Get are not needed: the server keeps the state itself."""

    def __init__(self, children: Children) -> None:
        self._children = children

    async def watch(self, request: pb.WatchRequest, ctx: Call) -> AsyncIterator[pb.WatchResponse]:
        """Yield existing children, the sentinel, then live updates."""
        async for update in self._children.watch(request.parent_action_id):
            if update is None:
                yield pb.WatchResponse(control_message=pb.ControlMessage(sentinel=True))
            else:
                yield pb.WatchResponse(action_update=update)
