"""Builds of images: the built-in task is deployed when the server starts, and builds end with the server."""

from __future__ import annotations

from flyteidl2.task.task_definition_pb2 import TaskDetails

from flyte_local.images.builder_task import TASK, build_task, identifier
from flyte_local.images.choice import Images
from flyte_local.tasks.versions import Tasks


class ImageBuilds:
    """The background service of image builds."""

    def __init__(self, images: Images, tasks: Tasks) -> None:
        self._images = images
        self._tasks = tasks

    async def start(self) -> None:
        """Deploy the built-in task of this version of the server."""
        details = TaskDetails(task_id=identifier(), spec=build_task())
        details.metadata.short_name = TASK
        self._tasks.deploy(details, None)

    async def stop(self) -> None:
        """End the builds that run."""
        self._images.stop()
