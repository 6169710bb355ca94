"""What an app does when it starts and when it stops."""

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
    """A Starlette or FastAPI lifespan: `FastAPI(lifespan=rt.lifespan)`, or `async with rt.lifespan(app):` in yours.

    On start it checks that every handle that the code declared is wired (all problems in one NotWired), imports what
    the first call would otherwise import, and initialises Flyte where the container carries its variables.
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
    """What would stop the event loop for a moment in the middle of the first request."""
    if declarations.apps:
        for module in ("calls", "aiohttp_transport"):
            with suppress(ImportError):
                import_module(f"flyte_runtime.apps.{module}")
    if declarations.tasks and initialization.configured():
        initialization.init()
        import_module("flyte.remote")
