"""The server's process: its socket, its locks, its life from start to stop."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import socket
import sys
from collections.abc import Callable

import uvicorn
import uvloop

from flyte_local.errors import HomeError, PortTakenError
from flyte_local.home import Home
from flyte_local.processes.ports import LOOPBACK, port_taken
from flyte_local.server.admin import facts_of
from flyte_local.server.connection import connections
from flyte_local.server.control_plane import ControlPlane
from flyte_local.server.peers import Address, is_shared, own_user_only
from flyte_local.state.context import Context
from flyte_local.state.store import Store
from flyte_local.web.uvicorn_internals import Server

_log = logging.getLogger(__name__)
_GRACEFUL_SECONDS = 3
_HOME_CHECK_SECONDS = 2.0


def listen(port: int) -> socket.socket:
    """Return the server's socket. Raises PortTakenError with the owner of the port."""
    # With an explicit protocol, asyncio turns Nagle's algorithm off for accepted connections. Otherwise every
    # small answer in two packets would wait for the client's delayed acknowledgement, 40 ms.
    server = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        server.bind((LOOPBACK, port))
    except OSError as error:
        server.close()
        raise PortTakenError(port_taken(port)) from error
    return server


def serve(home: Home, port: int) -> None:
    """Run the server in this process until it is told to stop. Raises LocalServerError if it cannot start."""
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
        home.write_server(facts_of(context))
        stack.callback(_forget_server, home)
        # uvloop comes with uvicorn[standard]. The proxy passes on about twice as many requests with it.
        uvloop.run(_serve(context, server_socket))


def _who_may_use() -> Callable[[Address, Address], bool] | None:
    if is_shared():
        return None
    decision = own_user_only()
    if decision is None:
        _log.warning("this system does not say whose a connection is: other users of this machine can use the server")
    return decision


async def _serve(context: Context, server_socket: socket.socket) -> None:
    server: Server

    def shut_down() -> None:
        server.should_exit = True

    application = ControlPlane(context, shut_down)
    config = uvicorn.Config(
        application,
        http=connections(_who_may_use()),  # type: ignore[arg-type]  # uvicorn only calls it
        lifespan="on",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        date_header=False,
        ws="none",
        timeout_keep_alive=65,
        timeout_graceful_shutdown=_GRACEFUL_SECONDS,
        backlog=1024,
    )
    server = Server(config, application.end_streams)
    watch = asyncio.create_task(_watch_home(context, shut_down))
    try:
        await server.serve(sockets=[server_socket])
    finally:
        watch.cancel()


async def _watch_home(context: Context, shut_down: Callable[[], None]) -> None:
    """End the server if its home was removed: its state is lost, and the next start is a new server."""
    file = context.home.path / "instance-id"
    expected_id = context.instance_id
    while True:
        await asyncio.sleep(_HOME_CHECK_SECONDS)
        try:
            if file.read_text().strip() == expected_id:
                continue
        except OSError:
            pass
        _log.error("%s was removed: ending", context.home.path)
        shut_down()
        return


def _forget_server(home: Home) -> None:
    facts = home.server()
    if facts is not None and facts.get("pid") == os.getpid():
        home.write_server(None)
