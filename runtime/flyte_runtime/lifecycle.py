"""The start and the stop of an app: checks the wiring, loads modules early, closes connections."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from importlib import import_module
from typing import Any

from flyte_runtime.container import declarations
from flyte_runtime.event_loop import pacing
from flyte_runtime.tasks import initialization

__all__ = ["aclose", "lifespan"]


@asynccontextmanager
async def lifespan(app: Any = None) -> AsyncIterator[None]:
    """A lifespan for Starlette and FastAPI.

    Use it as `FastAPI(lifespan=rt.lifespan)`, or within your own lifespan as `async with rt.lifespan(app):`.

    On start it

    - checks that every declared handle is wired, and raises one NotWired that lists all problems;
    - imports the modules that the first call needs;
    - initialises Flyte's SDK if the container has its variables.

    On stop it closes the pooled connections.
    """
    pacing.require_asyncio()
    problem = declarations.problem()
    if problem is not None:
        raise problem
    await asyncio.to_thread(_prepare)
    try:
        yield
    finally:
        await aclose()


async def aclose() -> None:
    """Close the connections of the running event loop. The next call opens new ones."""
    pools = sys.modules.get("flyte_runtime.apps.pools")
    if pools is not None:  # otherwise nothing was opened
        await pools.aclose()


def _prepare() -> None:
    """Import modules and initialise Flyte, which would block the event loop during the first request."""
    if declarations.apps:
        for module in ("calls", "aiohttp_transport"):
            with suppress(ImportError):
                import_module(f"flyte_runtime.apps.{module}")
    if declarations.tasks and initialization.configured():
        initialization.init()
        import_module("flyte.remote")
