"""The server: one ASGI application on one port, and the process around it.

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
import os
import socket
import sys
import time
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import uvicorn
from connectrpc.errors import ConnectError

from flyte_local.admin import Administration
from flyte_local.asgi import Application, Receive, Scope, Send, header, respond_error
from flyte_local.connect_errors import ErrorInterceptor, unimplemented
from flyte_local.console import Console
from flyte_local.context import Context, Service
from flyte_local.errors import HomeError, PortTakenError
from flyte_local.guard import app_label, host_of, is_foreign
from flyte_local.home import Home
from flyte_local.ports import LOOPBACK, listener
from flyte_local.proxy import Proxy
from flyte_local.services import services
from flyte_local.store import Store
from flyte_local.store_files import StoreFiles
from flyte_local.supervisor import Supervisor

_log = logging.getLogger(__name__)
_GRACEFUL_SECONDS = 3
_HOME_CHECK_SECONDS = 2.0
_MAX_WEBSOCKET_MESSAGE = 256 * 1024 * 1024
_MAX_RPC_MESSAGE = 256 * 1024 * 1024


def package_version() -> str:
    """This distribution's version."""
    try:
        return version("flyte-local")
    except PackageNotFoundError:
        return "0"


class ControlPlane:
    """The ASGI application. Services start with it and stop with it (ASGI's lifespan)."""

    def __init__(self, context: Context, shut_down: Callable[[], None]) -> None:
        self._context = context
        self._supervisor = Supervisor(context)
        context.register(self._supervisor)
        self._mounts: dict[str, Application] = {}
        self._methods: set[str] = set()
        self._streams: set[asyncio.Task[Any]] = set()
        self._background: list[Service] = []
        for service, application in services(context):
            context.register(service)
            mounted = application(service, interceptors=[ErrorInterceptor()], read_max_bytes=_MAX_RPC_MESSAGE)
            self._mounts[mounted.path.strip("/")] = mounted
            self._methods |= _method_paths(application, mounted.path)
            if isinstance(service, Service):
                self._background.append(service)
        # Apps call tasks and read secrets: they come last and go first.
        self._background.append(self._supervisor)
        self._proxy = Proxy(context, self._supervisor)
        self._store_files = StoreFiles(context)
        self._admin = Administration(context, self._supervisor, shut_down)
        self._console = Console(context, self._supervisor)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Dispatches by host and first path segment."""
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
            return
        try:
            await self._dispatch(scope, receive, send)
        except Exception:
            # Uvicorn would close the connection or, had nothing been sent, say only "Internal Server Error".
            _log.exception("%s %s failed", scope.get("method", "websocket"), scope["path"])
            raise

    async def _dispatch(self, scope: Scope, receive: Receive, send: Send) -> None:
        host = host_of(scope, self._context.port)
        if host is None:
            await _refuse(scope, receive, send, 421, f"unknown host: use 127.0.0.1:{self._context.port} or localhost")
            return
        label = app_label(host)
        first = scope["path"].split("/", 2)[1] if "/" in scope["path"] else ""
        if label is not None:
            await self._proxy.by_host(label, scope, receive, send)
        elif first == "apps":
            await self._proxy.by_path(scope, receive, send)
        elif is_foreign(scope, self._context.port):
            await _refuse(scope, receive, send, 403, "pages of other sites may not use this server")
        elif scope["type"] == "websocket":
            await _refuse(scope, receive, send, 404, "no WebSocket here")
        elif scope["path"] in self._methods:
            await self._call(self._mounts[first], scope, receive, send)
        elif first.startswith("flyteidl2."):
            await unimplemented(scope, receive, send)
        elif first == "store":
            await self._store_files(scope, receive, send)
        elif first == "local":
            await self._admin(scope, receive, send)
        else:
            await self._console(scope, receive, send)

    def end_streams(self) -> None:
        """Ends the streaming calls: watching clients would otherwise hold up a shutdown."""
        for task in list(self._streams):
            task.cancel()

    async def _call(self, mount: Application, scope: Scope, receive: Receive, send: Send) -> None:
        task = asyncio.current_task()
        streaming = (header(scope, b"content-type") or "").startswith("application/connect+")
        if task is not None and streaming:
            self._streams.add(task)
            task.add_done_callback(self._streams.discard)
        try:
            await mount(scope, receive, send)
        except ConnectError as error:
            # Raised once the answer is out: a client that left in the middle, or the end of a stream by a shutdown.
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
    """The paths of a service's methods, from the descriptors beside its generated Connect module."""
    module = importlib.import_module(application.__module__.removesuffix("_connect") + "_pb2")
    descriptor = module.DESCRIPTOR.services_by_name[service.rpartition(".")[2]]
    return {f"{service}/{method.name}" for method in descriptor.methods}


async def _refuse(scope: Scope, receive: Receive, send: Send, status: int, message: str) -> None:
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.close", "code": 1008, "reason": message[:120]})
    else:
        await respond_error(send, status, message)


def listen(port: int) -> socket.socket:
    """The server's socket. Raises PortTakenError naming who has the port."""
    server = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        server.bind((LOOPBACK, port))
    except OSError as error:
        server.close()
        raise PortTakenError(port_taken(port)) from error
    return server


def port_taken(port: int) -> str:
    """The sentence that says who has the port."""
    found = listener(port)
    who = f"pid {found[0]} ({found[1]})" if found else "a process of another user"
    return f"port {port} is taken by {who}: stop it, or choose another with --port (flyte:localPort in Pulumi)"


def serve(home: Home, port: int) -> None:
    """Runs the server in this process until it is told to stop. Raises LocalServerError where it cannot."""
    home.prepare()
    with contextlib.ExitStack() as stack:
        try:
            stack.enter_context(home.lock("server.lock", blocking=False))
        except BlockingIOError:
            running = home.server() or {}
            raise HomeError(
                f"another flyte-local (pid {running.get('pid', 'unknown')}, port {running.get('port', 'unknown')}) "
                f"uses {home.path}: stop it or choose another home"
            ) from None
        server_socket = stack.enter_context(listen(port))
        bound = int(server_socket.getsockname()[1])
        store = Store(home.database)
        stack.callback(store.close)
        context = Context(home=home, port=bound, store=store, python=sys.executable)
        facts = {"pid": os.getpid(), "port": bound, "startedAt": time.time(), "version": package_version()}
        home.instance_id()
        home.write_server(facts)
        stack.callback(_forget_server, home)
        asyncio.run(_serve(context, server_socket))


async def _serve(context: Context, server_socket: socket.socket) -> None:
    server: _Server

    def shut_down() -> None:
        server.should_exit = True

    application = ControlPlane(context, shut_down)
    config = uvicorn.Config(
        application,
        http="auto",
        lifespan="on",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        date_header=False,
        ws_max_size=_MAX_WEBSOCKET_MESSAGE,
        ws_ping_interval=None,
        timeout_keep_alive=65,
        timeout_graceful_shutdown=_GRACEFUL_SECONDS,
        backlog=1024,
    )
    server = _Server(config, application)
    logging.getLogger("uvicorn.error").addFilter(_HandshakeNoise())
    watch = asyncio.create_task(_watch_home(context.home, shut_down))
    try:
        await server.serve(sockets=[server_socket])
    finally:
        watch.cancel()


class _Server(uvicorn.Server):
    """Uvicorn, telling the application that it is about to wait for open requests."""

    def __init__(self, config: uvicorn.Config, application: ControlPlane) -> None:
        super().__init__(config)
        self._application = application

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Ends the streams, then what uvicorn does."""
        self._application.end_streams()
        await super().shutdown(sockets)


class _HandshakeNoise(logging.Filter):
    """Drops what uvicorn's WebSocket protocol logs as an error after each handshake that was answered with HTTP."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether the record is logged."""
        return record.getMessage() != "ASGI callable returned without completing handshake."


async def _watch_home(home: Home, shut_down: Callable[[], None]) -> None:
    """A server whose home was removed knows nothing that is true any more: it ends, and the next start is a new one."""
    file = home.path / "instance-id"
    own = file.stat().st_ino
    while True:
        await asyncio.sleep(_HOME_CHECK_SECONDS)
        try:
            if file.stat().st_ino == own:
                continue
        except OSError:
            pass
        _log.error("%s was removed: ending", home.path)
        shut_down()
        return


def _forget_server(home: Home) -> Any:
    facts = home.server()
    if facts is not None and facts.get("pid") == os.getpid():
        home.write_server(None)
