"""The private names of Flyte's SDK that a warm worker uses. Checked with flyte 2.12.

A worker imports this module by path into the task's own interpreter: it needs the standard library and that
interpreter's flyte, no more. The SDK starts a thread when it is imported, which a fork leaves behind, and has no public
way to stop or start it. There is no upstream issue for one yet.
"""

from __future__ import annotations

import contextlib
import importlib
from typing import Any

ENTRY = "flyte._bin.runtime"
"""The module of the command `a0`, which Flyte's container images run for a task. Without it there is no warm start."""
LATE = (
    "flyte.storage",
    "flyte._internal.runtime.entrypoints",
    "flyte._internal.runtime.task_serde",
    "flyte._internal.controllers.remote._controller",
    "flyte._internal.controllers.remote._client",
    "flyte._internal.resolvers.default",
    "flyte.remote._client.controlplane",
    "flyte.remote._client.auth._keyring",
    "flyte.remote._client.auth._interceptors.default_metadata",
    "flyte.remote._client.auth._interceptors.retry",
    "flyteidl2.actions.actions_service_connect",
    "flyteidl2.workflow.queue_service_connect",
    "flyteidl2.workflow.state_service_connect",
    "flyte.git",
    "flyte._utils.asyncify",
    "pyqwest._glue",
    "httpcore",
    "opentelemetry.propagate",
    "opentelemetry.metrics",
)
"""The modules that `a0` imports on its way through a task, after its start (flyte/_bin/runtime.py)."""


def import_what_tasks_import() -> None:
    """Import the modules of a task's process. A module of `LATE` that this version of flyte lacks is left out."""
    importlib.import_module(ENTRY)
    for name in LATE:
        with contextlib.suppress(ImportError):
            importlib.import_module(name)


def stop_thread() -> None:
    """End the thread that importing flyte has started (flyte/syncify/_api.py)."""
    loop = _background_loop()
    loop.stop()
    loop.loop.close()


def start_again() -> None:
    """Repeat in a fork the side effects of importing flyte: start the thread, and read the log level.

    The logger is made when flyte is imported (flyte/_logging.py), and a task's variables come later than that.
    """
    from flyte._logging import initialize_logger

    loop = _background_loop()
    type(loop).__init__(loop, loop.thread.name)
    initialize_logger()


def _background_loop() -> Any:
    from flyte.syncify import syncify

    return syncify._bg_loop
