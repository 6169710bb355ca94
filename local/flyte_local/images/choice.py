"""Chooses the Python of a workload: its image's environment, or the interpreter of the program that declared it."""

from __future__ import annotations

import asyncio
import logging
from concurrent.futures import ThreadPoolExecutor

from flyte_local.home import Home
from flyte_local.images.definition import is_definition, parse
from flyte_local.images.environments import Built, Environment, Environments

_log = logging.getLogger(__name__)
_BUILDS_AT_ONCE = 2


class Images:
    """The server's environments of images."""

    def __init__(self, home: Home) -> None:
        self._environments = Environments(home)
        # Builds have threads of their own: builds that wait for each other must not take the threads of other work.
        self._threads = ThreadPoolExecutor(_BUILDS_AT_ONCE, thread_name_prefix="image")

    async def prepare(self, image: str, python: str) -> Environment:
        """Return the environment of a workload with that image, and build it if the image describes itself.

        An image that is neither described nor built here is not pulled. The workload then gets `python`, the
        interpreter that it has without an image. Raises ImageError.
        """
        existing = await asyncio.to_thread(self._there, image, python)
        if existing is not None:
            return existing
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, self._build, image, python)

    def of_action(self, image: str, root: str, python: str) -> Environment:
        """Return the environment of an action whose task has that image, in a run whose root task has the image `root`.

        Flyte's SDK serialises children from code alone, with its own names of images. The image that the root was
        deployed with reaches them from here. Raises ImageError.
        """
        if not is_definition(image) and is_definition(root) and not self.built(image):
            image = root
        return self._there(image, python) or self._build(image, python)

    def built(self, name: str) -> bool:
        """Return whether an image was built under that name."""
        return self._environments.named(name) is not None

    def all(self) -> list[Built]:
        """Return the environments that were built, the latest first."""
        return self._environments.built()

    def stop(self) -> None:
        """End the builds that run."""
        self._environments.stop()
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _there(self, image: str, python: str) -> Environment | None:
        """Return an environment that needs no building. None if a self-describing image has to be built."""
        if is_definition(image):
            return self._environments.find(parse(image), python)
        return self._environments.named(image) or Environment(python)

    def _build(self, image: str, python: str) -> Environment:
        return self._environments.get(parse(image), python, say=_log.info)
