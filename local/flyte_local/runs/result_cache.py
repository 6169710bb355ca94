"""Results of cached tasks: a task that ran with the same inputs is not run again."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from weakref import WeakValueDictionary

from flyteidl2.core.tasks_pb2 import TaskMetadata, TaskTemplate
from flyteidl2.task.common_pb2 import Inputs
from flyteidl2.task.run_pb2 import RunSpec

from flyte_local.state.data_files import OUTPUTS, kickoff_inputs, path_of
from flyte_local.state.store import Store

_KIND = "result"


class ResultCache:
    """The locations of outputs of cached actions that have finished, by project and domain."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    def find(self, scope: str, key: str, metadata: TaskMetadata, run: RunSpec | None) -> str | None:
        """Return the URI of the outputs that an action may take instead of running, or None.

        Nothing may be cached, the files may be gone or too old for the task, or the run may ask for new results.
        """
        overwrite = run is not None and (run.overwrite_cache or run.cache_config.overwrite_cache)
        body = self._store.get(_KIND, f"{scope}/{key}") if key and not overwrite else None
        if body is None:
            return None
        file = path_of(body.decode()) / OUTPUTS
        if not file.is_file():
            return None
        limit = metadata.cache_max_age.ToNanoseconds() / 1e9
        return None if 0 < limit < time.time() - file.stat().st_mtime else body.decode()

    def put(self, scope: str, key: str, outputs: str) -> None:
        """Record the location of outputs."""
        self._store.put(_KIND, f"{scope}/{key}", outputs.encode())

    @asynccontextmanager
    async def turn(self, scope: str, key: str) -> AsyncIterator[None]:
        """Wait until no other action with this key runs; for tasks that declare `serialize`."""
        lock = self._turns.setdefault(f"{scope}/{key}", asyncio.Lock())
        async with lock:
            yield


def cache_key(template: TaskTemplate, inputs: Inputs, started: float) -> str:
    """Return the key of a run's root action, '' for a task that is not cached; children come with theirs.

    The hash of the inputs that count, the task's name, its interface and the cache's version, as in Flyte
    (flyteorg/flyte, runs/service/utils.go). `started` counts where an input is the time of a trigger's firing.
    """
    metadata = template.metadata
    if not metadata.discoverable:
        return ""
    ignored = set(metadata.cache_ignore_input_vars)
    counted = Inputs(literals=[literal for literal in inputs.literals if literal.name not in ignored])
    interface = template.interface.SerializeToString(deterministic=True)
    time_counts = kickoff_inputs(inputs) - ignored
    parts = (
        _digest(counted.SerializeToString(deterministic=True)),
        f"|started={started}" if time_counts else "",
        template.id.name,
        _digest(interface),
        metadata.discovery_version,
    )
    return _digest("".join(parts).encode())


def _digest(content: bytes) -> str:
    return base64.b64encode(hashlib.sha256(content).digest()).decode()
