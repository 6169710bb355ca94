"""`rt.serve`: an ASGI application behind uvicorn, set up for containers behind proxies."""

from __future__ import annotations

import os
from contextlib import suppress
from functools import partial
from typing import Any

from flyte_runtime.errors import ServeError

__all__ = ["DEFAULT_PORT", "serve"]

DEFAULT_PORT = 8080
# Since then its WebSocket protocol, which websocket_protocol.py builds on, tells a handler to wait for a client that
# does not read: before, all that such a client was sent went into memory.
OLDEST_UVICORN = (0, 53)
ROOT_PATH_VARIABLE = "FLYTE_ROOT_PATH"
# Seconds. Above what proxies keep idle connections for (queue-proxy, Envoy, load balancers up to 60), so that never
# the app closes a connection that a proxy is about to use (knative/serving#12414).
KEEPALIVE = 75
# Seconds between WebSocket pings and until a peer that answers none is given up: below proxies' idle limits (60).
WS_PING = 20.0


def serve(
    app: Any,
    *,
    port: int | None = None,
    host: str | None = None,
    root_path: str | None = None,
    log_level: str = "info",
) -> None:
    """Serve `app` (an ASGI application, or `"module:attribute"`) until the process is told to stop.

    A function that can be called without arguments is called and gives the application.

    `host` is every interface, since a container's port is reached from outside it; on the local platform, where it is
    a process of the user's machine, the loopback. The variable PORT wins over `port`. `root_path` is the prefix that a
    proxy strips from every request; the variable FLYTE_ROOT_PATH gives one that counts for requests which carry it in
    `X-Forwarded-Prefix`, and for applications that take a root path off (Starlette, FastAPI, Litestar, Django, Quart,
    WSGI). `/healthz` and `/readyz` are answered unless the application has such routes; trace context is
    taken from each request. A line is logged for each request, as JSON where neither a terminal nor the local platform
    shows it (FLYTE_LOG_FORMAT=json or text says otherwise).

    A stop signal (SIGTERM, SIGINT) turns `/readyz` to 503. In a wired container that is not on the local platform, new
    requests are taken for 5 s more (FLYTE_DRAIN_DELAY), and longer while they come, until 21 s after the signal; each
    answer asks its client to connect anew. Requests under way finish, until 21 s after the signal; idle connections are
    closed; WebSockets are closed with 1012; the application's lifespan ends; after 25 s (FLYTE_DRAIN) what is left is
    cancelled, and this returns. A process that something still holds up 2 s later, a thread or a blocked event loop,
    ends with 128 and the signal's number. A signal while the application starts cancels the start.
    Raises ServeError, also where the port is taken or the lifespan fails, and NotWired with every handle that the code
    declares and the container is not wired for.
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
    chosen = _port(port)
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
        port=chosen,
        timeout_keep_alive=KEEPALIVE,
        http="flyte_runtime.serving.small_reads:SmallReads",
        ws="flyte_runtime.serving.websocket_protocol:Protocol",
        ws_ping_interval=WS_PING,
        ws_ping_timeout=WS_PING,
        log_config=log_format.configuration(log_level, json_lines=log_format.is_json(platform)),
        log_level=log_level,
        access_log=False,  # AccessLog's lines carry more
        server_header=False,
    )
    listeners = bind(host, chosen)
    try:
        with suppress(KeyboardInterrupt):  # one more, when it has stopped already
            Server(config, readiness, times).run(listeners)
    finally:
        for listener in listeners:
            listener.close()


def _check_version(version: str) -> None:
    """A bundle carries this library into images whose packages nobody has resolved with it."""
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


def _port(given: int | None) -> int:
    text = os.environ.get("PORT")
    where, wanted = ("the variable PORT is ", text) if text else ("port=", DEFAULT_PORT if given is None else given)
    try:
        port = int(wanted)
    except (TypeError, ValueError):
        port = -1
    if not 0 <= port <= 65535:
        msg = f"{where}{wanted!r}: expected a number between 1 and 65535"
        raise ServeError(msg)
    return port
