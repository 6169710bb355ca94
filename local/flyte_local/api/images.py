"""`flyteidl2.imagebuilder.ImageService`: which images were built here."""

from __future__ import annotations

from connectrpc.request import RequestContext
from flyteidl2.imagebuilder import payload_pb2 as pb
from flyteidl2.imagebuilder import service_connect
from flyteidl2.task.task_definition_pb2 import TaskDetails

from flyte_local.images.builder_task import TASK, build_task, identifier
from flyte_local.images.choice import Images
from flyte_local.state.context import Context
from flyte_local.state.shared import shared
from flyte_local.tasks.versions import Tasks
from flyte_local.wire.identifiers import not_found


class ImageService(service_connect.ImageService):  # type: ignore[misc]  # generated, untyped
    """Knows the images that were built here."""

    def __init__(self, context: Context) -> None:
        self._images = shared(context, Images)
        self._tasks = shared(context, Tasks)

    async def start(self) -> None:
        """Deploys the built-in task, as this version of the server has it."""
        details = TaskDetails(task_id=identifier(), spec=build_task())
        details.metadata.short_name = TASK
        self._tasks.deploy(details, None)

    async def stop(self) -> None:
        """Ends what is being built."""
        self._images.stop()

    async def get_image(
        self, request: pb.GetImageRequest, ctx: RequestContext[pb.GetImageRequest, pb.GetImageResponse]
    ) -> pb.GetImageResponse:
        """An image that was built here, by `name:tag`."""
        name = request.id.name
        if not self._images.built(name):
            raise not_found(f"image {name!r} was not built on this server")
        response = pb.GetImageResponse()
        response.image.id.name = response.image.fqin = name
        return response
