"""Typed handles for the apps, tasks and secrets that a Flyte container is wired to.

    import flyte_runtime as rt

    backend, train = rt.app("backend_url"), rt.task("train")      # handles: nothing is opened yet
    reply = await backend.get("/greeting/ada")                    # pooled, bounded in time, retried where that is safe
    run = await train.start(epochs=3, idempotency_key=delivery)   # one key, one run
    key = rt.secret("webhook-api-key")

Importing this package imports no other package: each name below loads its module when it is first used (PEP 562).
"""

from __future__ import annotations

import atexit
import importlib
import sys
from typing import TYPE_CHECKING, Any

from flyte_runtime.lazy_imports import import_attribute

if TYPE_CHECKING:
    from flyte_runtime import contract as contract
    from flyte_runtime import errors as errors
    from flyte_runtime import testing as testing
    from flyte_runtime import webhooks as webhooks
    from flyte_runtime import websockets as websockets
    from flyte_runtime.apps import AppHandle as AppHandle
    from flyte_runtime.apps import app as app
    from flyte_runtime.container import wiring as wiring
    from flyte_runtime.container.secrets import secret as secret
    from flyte_runtime.errors import FlyteRuntimeError as FlyteRuntimeError
    from flyte_runtime.lifecycle import aclose as aclose
    from flyte_runtime.lifecycle import lifespan as lifespan
    from flyte_runtime.serving.serve import serve as serve
    from flyte_runtime.tasks import TaskHandle as TaskHandle
    from flyte_runtime.tasks import task as task
    from flyte_runtime.tasks.initialization import init as init
    from flyte_runtime.tasks.outputs import Outputs as Outputs
    from flyte_runtime.tasks.run import Run as Run
    from flyte_runtime.tasks.updates import RunUpdate as RunUpdate

__version__ = "0.1.0"

# The packages, from the top layer to the bottom one. Each imports only from the layers below it (tests/test_layers.py):
#
#     testing                               fakes for tests
#     webhooks · websockets                 verified webhooks and WebSockets in the app that serves them
#     apps · tasks · serving                calls to apps; runs of tasks; the server
#     container                             the wiring, the secrets, the handles that the code declares
#     event_loop · observability · compat   asyncio; traces and log lines; older spellings of Flyte's SDK
#
# Every package may import `contract` and `errors`. `lifecycle` and the command line are above all packages.
_HOME_OF = {
    "AppHandle": "apps",
    "FlyteRuntimeError": "errors",
    "Outputs": "tasks.outputs",
    "Run": "tasks.run",
    "RunUpdate": "tasks.updates",
    "TaskHandle": "tasks",
    "aclose": "lifecycle",
    "app": "apps",
    "init": "tasks.initialization",
    "lifespan": "lifecycle",
    "secret": "container.secrets",
    "serve": "serving.serve",
    "task": "tasks",
}
_MODULES = {
    "contract": "contract",
    "errors": "errors",
    "testing": "testing",
    "webhooks": "webhooks",
    "websockets": "websockets",
    "wiring": "container.wiring",
}

__all__ = [
    "AppHandle",
    "FlyteRuntimeError",
    "Outputs",
    "Run",
    "RunUpdate",
    "TaskHandle",
    "aclose",
    "app",
    "errors",
    "init",
    "lifespan",
    "secret",
    "serve",
    "task",
    "testing",
    "webhooks",
    "websockets",
    "wiring",
]


if not TYPE_CHECKING:  # a type checker must report names that are not imported above

    def __getattr__(name: str) -> Any:
        if name in _MODULES:
            return importlib.import_module(f"{__name__}.{_MODULES[name]}")
        value = globals()[name] = import_attribute(__name__, _HOME_OF, name)
        return value


# Exit functions run in reverse order. Registered here, this one runs after those of the application, which may still
# make synchronous calls.
@atexit.register
def _end() -> None:
    blocking = sys.modules.get(f"{__name__}.event_loop.blocking")
    if blocking is not None:
        blocking.stop()


def __dir__() -> list[str]:
    return sorted({*__all__, "__version__"})
