"""The server as one ASGI application on one port.

Host: <label>.localhost      an app, by its host form
/flyteidl2.…Service/Method   the Flyte API
/store/…                     signed uploads and downloads
/apps/P/D/N/…                an app, by its path form
/local/v1/…                  administration
/                            the console
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import logging
from collections.abc import Callable
from typing import Any

from connectrpc.errors import ConnectError
from starlette.types import ASGIApp, Receive, Scope, Send

from flyte_local.api.connect_application import mount
from flyte_local.api.errors import unimplemented
from flyte_local.composition import compose
from flyte_local.console.site import Console
from flyte_local.proxy.proxy import Proxy
from flyte_local.server.admin import Administration
from flyte_local.server.guard import app_label, host_of, is_foreign
from flyte_local.server.image_builds import ImageBuilds
from flyte_local.server.services import services
from flyte_local.state.context import BackgroundService, Context
from flyte_local.web.asgi import header, respond_error
from flyte_local.web.store_files import StoreFiles

_log = logging.getLogger(__name__)
# The largest requests: gRPC's usual 4 MiB, and more for services whose messages carry inputs and outputs.
_MAX_MESSAGE = 4 << 20
_MAX_DATA_MESSAGE = 64 << 20
_DATA_PACKAGES = (
    "flyteidl2.workflow.",
    "flyteidl2.actions.",
    "flyteidl2.dataproxy.",
    "flyteidl2.task.",
    "flyteidl2.trigger.",
)


class ControlPlane:
    """The ASGI application. Background services start and stop with it (ASGI's lifespan)."""

    def __init__(self, context: Context, shut_down: Callable[[], None]) -> None:
        self._context = context
        parts = compose(context)
        self._calls: dict[str, ASGIApp] = {}
        self._streams: set[asyncio.Task[Any]] = set()
        for service, application in services(parts):
            limit = _MAX_DATA_MESSAGE if application.__module__.startswith(_DATA_PACKAGES) else _MAX_MESSAGE
            mounted = mount(application, service, limit)
            self._calls |= dict.fromkeys(_method_paths(application, mounted.path), mounted)
        # Apps call tasks and read secrets, so they start last and stop first.
        self._background: tuple[BackgroundService, ...] = (
            ImageBuilds(parts.images, parts.tasks),
            parts.runner,
            parts.retention,
            parts.scheduler,
            parts.supervisor,
        )
        self._proxy = Proxy(context, parts.supervisor, parts.sessions)
        self._store_files = StoreFiles(context.home, parts.signer)
        self._admin = Administration(parts, shut_down)
        self._console = Console(parts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Dispatch by host and first path segment."""
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
            return
        try:
            await self._dispatch(scope, receive, send)
        except Exception:
            # Uvicorn closes the connection, or answers only "Internal Server Error" if nothing was sent.
            _log.exception("%s %s failed", scope["method"], scope["path"])
            raise

    async def _dispatch(self, scope: Scope, receive: Receive, send: Send) -> None:
        host = host_of(scope, self._context.port)
        if host is None:
            await respond_error(send, 421, f"unknown host: use 127.0.0.1:{self._context.port} or localhost")
            return
        label = app_label(host)
        first = scope["path"].split("/", 2)[1] if "/" in scope["path"] else ""
        if label is not None:
            await self._proxy.by_host(label, scope, receive, send)
        elif first == "apps":
            await self._proxy.by_path(scope, receive, send)
        elif is_foreign(scope, self._context.port):
            await respond_error(send, 403, "pages of other sites may not use this server")
        elif scope["path"] in self._calls:
            await self._call(self._calls[scope["path"]], scope, receive, send)
        elif first.startswith("flyteidl2."):
            await unimplemented(scope, receive, send)
        elif first == "store":
            await self._store_files(scope, receive, send)
        elif first == "local":
            await self._admin(scope, receive, send)
        else:
            await self._console(scope, receive, send)

    def end_streams(self) -> None:
        """End the streaming calls. Clients that watch would otherwise delay a shutdown."""
        for task in list(self._streams):
            task.cancel()
        self._console.end_streams()

    async def _call(self, mount: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
        task = asyncio.current_task()
        streaming = (header(scope, b"content-type") or "").startswith("application/connect+")
        if task is not None and streaming:
            self._streams.add(task)
            task.add_done_callback(self._streams.discard)
        try:
            await mount(scope, receive, send)
        except ConnectError as error:
            # Raised after the answer: the client has left, or a shutdown has ended the stream.
            _log.debug("%s ended: %s", scope["path"], error)

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        await receive()
        try:
            for service in self._background:
                await service.start()
        except Exception as error:
            _log.exception("cannot start")
            await self._stop()
            await send({"type": "lifespan.startup.failed", "message": str(error)})
            return
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await self._stop()
        await send({"type": "lifespan.shutdown.complete"})

    async def _stop(self) -> None:
        for service in reversed(self._background):
            with contextlib.suppress(Exception):
                await service.stop()
        await self._proxy.close()


def _method_paths(application: type[Any], service: str) -> set[str]:
    """Return the paths of a service's methods, from the descriptors of its generated module."""
    module = importlib.import_module(application.__module__.removesuffix("_connect") + "_pb2")
    descriptor = module.DESCRIPTOR.services_by_name[service.rpartition(".")[2]]
    return {f"{service}/{method.name}" for method in descriptor.methods}
