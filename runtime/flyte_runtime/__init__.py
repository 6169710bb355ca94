"""What a Flyte container does with what it was wired to.

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

# Its rooms, from the ground up; each imports from the floors below its own only (tests/test_layers.py):
#
#     testing                           what stands in for all of it in a test
#     webhooks · websockets             what an app answers besides plain requests
#     apps · tasks · serving            whom the container calls, what it starts, how it serves
#     container                         its wiring, its secrets, the handles that its code declares
#     event_loop · observability · compat   asyncio; traces and log lines; older spellings of Flyte's SDK
#
# Below them `contract` and `errors`, which every room may import; on top `lifecycle` and the command line.
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


if not TYPE_CHECKING:  # for a type checker, a name that is not above is an error

    def __getattr__(name: str) -> Any:
        if name in _MODULES:
            return importlib.import_module(f"{__name__}.{_MODULES[name]}")
        value = globals()[name] = import_attribute(__name__, _HOME_OF, name)
        return value


@atexit.register  # here, and not where the loop is started: what is registered later, is called while it still runs
def _end() -> None:
    blocking = sys.modules.get(f"{__name__}.event_loop.blocking")
    if blocking is not None:
        blocking.stop()


def __dir__() -> list[str]:
    return sorted({*__all__, "__version__"})
