"""Which Python runs a workload: that of its image's environment, or the one of the program that declared it."""

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
        # Threads of their own: builds that wait for each other must not take those of everything else.
        self._threads = ThreadPoolExecutor(_BUILDS_AT_ONCE, thread_name_prefix="image")

    def environment(self, image: str, python: str) -> Environment:
        """Where a workload with that image runs; it is built where a self-describing image is not there yet.

        An image that nobody described or had built here is not pulled: then it is `python`, the interpreter that the
        workload has anyway. Raises ImageError.
        """
        return self._there(image, python) or self._build(image, python)

    async def prepare(self, image: str, python: str) -> Environment:
        """The same without blocking the event loop; what is there already does not wait for what is being built."""
        found = await asyncio.to_thread(self._there, image, python)
        if found is not None:
            return found
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, self._build, image, python)

    def of_action(self, image: str, root: str, python: str) -> Environment:
        """Where an action runs whose task has that image, in a run whose root task has the image `root`.

        Flyte's SDK serialises children from code alone: it gives them its own names of images, and what their root
        was deployed with reaches them from here.
        """
        own = self._environments.named(image) if not is_definition(image) else None
        return own or self.environment(root if is_definition(root) and not is_definition(image) else image, python)

    def built(self, name: str) -> bool:
        """Whether an image was built under that name."""
        return self._environments.named(name) is not None

    def all(self) -> list[Built]:
        """Every environment that is there, the latest first."""
        return self._environments.built()

    def stop(self) -> None:
        """Ends what is being built."""
        self._environments.stop()
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _there(self, image: str, python: str) -> Environment | None:
        """What needs no building; None where a self-describing image has to be built."""
        if is_definition(image):
            return self._environments.find(parse(image), python)
        return self._environments.named(image) or Environment(python)

    def _build(self, image: str, python: str) -> Environment:
        return self._environments.get(parse(image), python, say=_log.info)
