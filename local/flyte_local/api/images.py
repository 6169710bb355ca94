"""`flyteidl2.imagebuilder.ImageService`: the images that were built on this server."""

from __future__ import annotations

from flyteidl2.imagebuilder import payload_pb2 as pb
from flyteidl2.imagebuilder import service_connect

from flyte_local.api.call import Call
from flyte_local.images.choice import Images
from flyte_local.wire.identifiers import not_found


class ImageService(service_connect.ImageService):  # type: ignore[misc]  # generated, untyped
    """Knows the images that were built here."""

    def __init__(self, images: Images) -> None:
        self._images = images

    async def get_image(self, request: pb.GetImageRequest, ctx: Call) -> pb.GetImageResponse:
        """Return an image that was built here, by `name:tag`."""
        name = request.id.name
        if not self._images.built(name):
            raise not_found(f"image {name!r} was not built on this server")
        response = pb.GetImageResponse()
        response.image.id.name = response.image.fqin = name
        return response
