"""`rt.serve`: an ASGI application behind uvicorn, set up for containers behind proxies."""

from __future__ import annotations

import os
from typing import Any

from flyte_runtime.errors import ServeError

__all__ = ["DEFAULT_PORT", "serve"]

DEFAULT_PORT = 8080
ROOT_PATH_VARIABLE = "FLYTE_ROOT_PATH"
# Seconds. Above what proxies keep idle connections for (queue-proxy, Envoy, load balancers up to 60), so that never
# the app closes a connection that a proxy is about to use (knative/serving#12414).
KEEPALIVE = 75
# Seconds for requests under way when the container is stopped: below Knative's and Kubernetes' 30.
DRAIN = 25


def serve(
    app: Any,
    *,
    port: int | None = None,
    host: str | None = None,
    root_path: str | None = None,
    log_level: str = "info",
) -> None:
    """Serve `app` (an ASGI application, or `"module:attribute"`) until the process is told to stop.

    `host` is every interface, since a container's port is reached from outside it; on the local platform, where it is
    a process of the user's machine, the loopback. The variable PORT wins over `port`; FLYTE_ROOT_PATH gives the prefix
    that a proxy strips. `/healthz` is answered unless the application has such a route; trace context is taken from
    each request; a stop signal lets requests under way finish for up to 25 s and closes WebSockets with 1012.
    Raises ServeError, and NotWired with every handle that the code declares and the container is not wired for.
    """
    import uvicorn

    from flyte_runtime import declared, wiring
    from flyte_runtime.caller_auth import CallerAuth
    from flyte_runtime.loading import load
    from flyte_runtime.middleware import Health, Trace

    prefix = (os.environ.get(ROOT_PATH_VARIABLE, "") if root_path is None else root_path).rstrip("/")
    chosen = _port(port)
    application = load(app) if isinstance(app, str) else app
    problem = declared.problem()
    if problem is not None:
        raise problem
    application = Health(application)
    document = wiring.current()
    if document is not None and document.auth is not None:
        application = CallerAuth(application, document.auth)
    config = uvicorn.Config(
        Trace(application),
        host=_host() if host is None else host,
        port=chosen,
        root_path=prefix,
        timeout_keep_alive=KEEPALIVE,
        timeout_graceful_shutdown=DRAIN,
        log_level=log_level,
        server_header=False,
    )
    uvicorn.Server(config).run()


def _host() -> str:
    from flyte_runtime import wiring

    document = wiring.current()
    return "127.0.0.1" if document is not None and document.platform == "local" else "0.0.0.0"


def _port(given: int | None) -> int:
    text = os.environ.get("PORT")
    if not text:
        return DEFAULT_PORT if given is None else given
    try:
        port = int(text)
    except ValueError:
        port = -1
    if not 0 <= port <= 65535:
        msg = f"the variable PORT is {text!r}: expected a number between 1 and 65535"
        raise ServeError(msg)
    return port
