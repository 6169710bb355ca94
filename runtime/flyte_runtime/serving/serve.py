"""`rt.serve`: serves an ASGI application with uvicorn, set up for containers behind proxies."""

from __future__ import annotations

import os
from contextlib import suppress
from functools import partial
from typing import Any

from flyte_runtime.errors import ServeError

__all__ = ["DEFAULT_PORT", "serve"]

DEFAULT_PORT = 8080
# Since this version, uvicorn's WebSocket protocol makes `send` wait for a client that does not read. Before, all
# messages to such a client were kept in memory. websocket_protocol.py builds on it.
OLDEST_UVICORN = (0, 53)
ROOT_PATH_VARIABLE = "FLYTE_ROOT_PATH"
# Seconds. Proxies keep idle connections for up to 60 (queue-proxy, Envoy, load balancers). The app keeps them longer,
# so that it never closes a connection that a proxy is about to use (knative/serving#12414).
KEEPALIVE = 75
# Seconds between WebSocket pings, and to wait for a pong. It is less than the idle limit of proxies (60).
WS_PING = 20.0


def serve(
    app: Any,
    *,
    port: int | None = None,
    host: str | None = None,
    root_path: str | None = None,
    log_level: str = "info",
) -> None:
    """Serve an ASGI application until the process is told to stop.

    - `app` is the application, a function without parameters that returns it, or `"module:attribute"`.
    - `port` is 8080 by default. The variable PORT wins over the argument.
    - `host` is every interface by default, since requests come from outside the container. On the local platform it is
      loopback, since the process runs on the user's machine.
    - `root_path` is a prefix that a proxy strips from every request. The variable FLYTE_ROOT_PATH sets a prefix for
      only those requests that carry it in `X-Forwarded-Prefix`, and only for applications that remove a root path
      (Starlette, FastAPI, Litestar, Django, Quart, WSGI).

    `/healthz` and `/readyz` are answered unless the application has these routes. The trace context is read from each
    request. Each request is logged: as text in a terminal and on the local platform, as JSON elsewhere.
    FLYTE_LOG_FORMAT (`json` or `text`) overrides that.

    After a stop signal (SIGTERM, SIGINT):

    1. `/readyz` answers 503. In a wired container that is not on the local platform, new requests are still taken for
       5 s (FLYTE_DRAIN_DELAY), and longer while requests come. Each answer asks its client to open a new connection.
    2. Running requests may finish, until 21 s after the signal. Idle connections are closed.
    3. WebSockets are closed with 1012, and the application's lifespan ends.
    4. After 25 s (FLYTE_DRAIN) the remaining work is cancelled, and this function returns. If a thread or a blocked
       event loop still holds the process up 2 s later, it exits with 128 plus the number of the signal.

    A signal while the application starts cancels the start.

    Raises ServeError if the application cannot be served, for example if the port is taken or the lifespan fails.
    Raises NotWired with all handles that the code declares and the container is not wired for.
    """
    import uvicorn

    from flyte_runtime.container import declarations, wiring
    from flyte_runtime.observability import telemetry
    from flyte_runtime.serving import log_format
    from flyte_runtime.serving.access_log import AccessLog
    from flyte_runtime.serving.address import bind
    from flyte_runtime.serving.caller_auth import CallerAuth
    from flyte_runtime.serving.graceful_server import Server
    from flyte_runtime.serving.loading import application_of, load
    from flyte_runtime.serving.middleware import Health, Readiness, Trace
    from flyte_runtime.serving.routes import owner_of
    from flyte_runtime.serving.stop_times import stop_times

    _check_version(uvicorn.__version__)
    telemetry.turn_off()  # the application may start Flyte's SDK by itself
    listen_port = _port(port)
    document = wiring.current()
    platform = document.platform if document is not None else None
    times = stop_times(platform)
    application = load(app) if isinstance(app, str) else application_of(app, f"app={app!r}")
    problem = declarations.problem()
    if problem is not None:
        raise problem
    readiness = Readiness()
    application = Health(_prefixed(application, root_path), readiness, partial(owner_of, application))
    if document is not None and document.auth is not None:
        application = CallerAuth(application, document.auth)
    host = _host() if host is None else host
    config = uvicorn.Config(
        Trace(AccessLog(application)),
        host=host,
        port=listen_port,
        timeout_keep_alive=KEEPALIVE,
        http="flyte_runtime.serving.small_reads:SmallReads",
        ws="flyte_runtime.serving.websocket_protocol:Protocol",
        ws_ping_interval=WS_PING,
        ws_ping_timeout=WS_PING,
        log_config=log_format.configuration(log_level, json_lines=log_format.is_json(platform)),
        log_level=log_level,
        access_log=False,  # AccessLog writes more detailed lines
        server_header=False,
    )
    listeners = bind(host, listen_port)
    try:
        with suppress(KeyboardInterrupt):  # another Ctrl+C after the server has stopped
            Server(config, readiness, times).run(listeners)
    finally:
        for listener in listeners:
            listener.close()


def _check_version(version: str) -> None:
    """Check uvicorn's version, because a code bundle carries this library into images with other packages."""
    if tuple(int(part) for part in version.split(".")[:2]) < OLDEST_UVICORN:
        oldest = ".".join(map(str, OLDEST_UVICORN))
        msg = f"this image has uvicorn {version}, and rt.serve needs {oldest}: pip install 'uvicorn>={oldest}'"
        raise ServeError(msg)


def _prefixed(application: Any, root_path: str | None) -> Any:
    from flyte_runtime.serving.prefix import Prefix, strips_root_path

    prefix = (os.environ.get(ROOT_PATH_VARIABLE, "") if root_path is None else root_path).rstrip("/")
    if not prefix or (root_path is None and not strips_root_path(application)):
        return application
    return Prefix(application, prefix, always=root_path is not None)


def _host() -> str:
    from flyte_runtime.container import wiring

    document = wiring.current()
    return "127.0.0.1" if document is not None and document.platform == "local" else "0.0.0.0"


def _port(argument: int | None) -> int:
    text = os.environ.get("PORT")
    default = DEFAULT_PORT if argument is None else argument
    where, value = ("the variable PORT is ", text) if text else ("port=", default)
    try:
        port = int(value)
    except (TypeError, ValueError):
        port = -1
    if not 0 <= port <= 65535:
        msg = f"{where}{value!r}: expected a number between 1 and 65535"
        raise ServeError(msg)
    return port
