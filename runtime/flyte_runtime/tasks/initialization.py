"""The initialisation of Flyte's SDK from the container's variables, once per process (`flyte.init_in_cluster`)."""

from __future__ import annotations

import asyncio
import os
import threading

from flyte_runtime.errors import NotConfigured, reason_of
from flyte_runtime.observability import telemetry

__all__ = ["configured", "ensure", "init"]

# The variables that can name a control plane (flyte/_initialize.py, init_in_cluster): an endpoint, an API key, a file.
_CONNECTION = (
    "_U_EP_OVERRIDE",
    "FLYTE_ADMIN_ENDPOINT",
    "_UNION_EAGER_API_KEY",
    "EAGER_API_KEY",
    "UCTL_CONFIG",
    "FLYTECTL_CONFIG",
)
_SCOPE = ("FLYTE_INTERNAL_EXECUTION_PROJECT", "FLYTE_INTERNAL_EXECUTION_DOMAIN")
_FILES = ("UCTL_CONFIG", "FLYTECTL_CONFIG")

_lock = threading.Lock()
_done_in: int | None = None


def configured() -> bool:
    """Check whether this process is initialised, or has the variables for it."""
    return _done_in == os.getpid() or any(os.environ.get(name) for name in _CONNECTION)


def init() -> None:
    """Initialise Flyte's SDK. It does nothing if the SDK is already initialised, for example inside a task.

    It blocks while flyte is imported. In an app, `rt.lifespan` runs it in a thread at start-up. Raises NotConfigured.
    """
    global _done_in
    if _done_in == os.getpid():
        return
    with _lock:
        if _done_in == os.getpid():
            return
        telemetry.turn_off()
        try:
            import flyte
            import flyte.errors
            import flyte.io  # registers the types File, Dir and DataFrame, which a task's outputs may have

            from flyte_runtime.tasks.flyte_internals import has_client
        except ImportError as error:
            msg = f"rt.task needs Flyte's SDK in this image: pip install 'flyte-runtime[flyte]' ({error})"
            raise NotConfigured(msg) from error
        if not has_client():
            _check_variables()
            from flyte_runtime.container import wiring  # imports pydantic, so not at the top of the module
            from flyte_runtime.tasks import api_key

            document = wiring.current()
            if document is not None and document.platform != "local":  # no user is there to log in by a browser
                os.environ.update(api_key.without_login())
            try:
                flyte.init_in_cluster()
            except (flyte.errors.InitializationError, OSError, ValueError) as error:
                msg = f"Flyte's SDK cannot be initialised from this container's variables: {reason_of(error)}"
                raise NotConfigured(msg) from error
        _done_in = os.getpid()


async def ensure() -> None:
    """Initialise Flyte's SDK without blocking the event loop. Raises NotConfigured."""
    if _done_in != os.getpid():
        await asyncio.to_thread(init)


def _check_variables() -> None:
    missing = []
    if not any(os.environ.get(name) for name in _CONNECTION):
        missing.append("_U_EP_OVERRIDE (the control plane's endpoint)")
    if not any(os.environ.get(name) for name in _FILES):
        missing += [name for name in _SCOPE if not os.environ.get(name)]
    if missing:
        msg = (
            f"this container cannot reach Flyte: {', '.join(missing)} not set. Components of pulumi-flyte set them, "
            "on the platform kubernetes from flyte:endpoint; elsewhere set them yourself, or call flyte.init(…) before "
            "the first rt.task call."
        )
        raise NotConfigured(msg)
    from flyte_runtime.tasks import api_key

    problem = api_key.problem()
    if problem is not None:
        raise NotConfigured(problem)
