"""Tells an application the prefix under which a proxy serves it, for the requests that came with the prefix."""

from __future__ import annotations

from typing import Any

from flyte_runtime.serving.middleware import Application, Receive, Scope, Send
from flyte_runtime.serving.routes import visible_routes
from flyte_runtime.serving.scope_keys import LOCAL_PATH

__all__ = ["PREFIX_HEADER", "Prefix", "strips_root_path"]

PREFIX_HEADER = b"x-forwarded-prefix"
# Modules whose applications take `root_path` off the path, as ASGI has it.
_STRIPPING = (
    "starlette.applications",
    "starlette.routing",
    "starlette.staticfiles",
    "starlette.middleware.wsgi",
    "litestar",
    "django",
    "quart",
    "a2wsgi",
    "asgiref.wsgi",
)


class Prefix:
    """Puts the prefix into `root_path` and in front of `path`, which is how ASGI describes a mounted application.

    A proxy that strips the prefix says so in `X-Forwarded-Prefix`; a request without that header came by another
    address of the application, where there is no prefix. `always` is for proxies that do not send the header.
    The path without the prefix stays in the scope under `events.LOCAL_PATH`.
    """

    def __init__(self, app: Application, prefix: str, *, always: bool = False) -> None:
        self._app = app
        self._prefix = prefix
        self._header = (PREFIX_HEADER, prefix.encode("latin-1"))
        self._always = always

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] in {"http", "websocket"} and (self._always or self._header in scope["headers"]):
            scope = {
                **scope,
                LOCAL_PATH: scope["path"],
                "root_path": self._prefix,
                "path": self._prefix + scope["path"],
                "raw_path": self._header[1] + scope.get("raw_path", b""),
            }
        await self._app(scope, receive, send)


def strips_root_path(app: Any) -> bool:
    """Whether the application, with all that is mounted in it, is known to take `root_path` off the path.

    Others, such as Socket.IO's and most hand-written ones, compare the whole path with their own and answer 404 to one
    with a prefix. `FastAPI(root_path=…)` does too: it puts its own in the place of the prefix.
    """
    modules = [f"{each.__module__}." for each in type(app).__mro__]
    if "fastapi.applications." in modules and app.root_path:
        return False
    if any(module.startswith(f"{name}.") for module in modules for name in _STRIPPING):
        mounts = [route for route in visible_routes(app) or () if hasattr(route, "routes")]
        return all(strips_root_path(mount.app) for mount in mounts)
    inner = getattr(app, "app", None)  # what a middleware is around
    return callable(inner) and inner is not app and strips_root_path(inner)
