"""Tells an application the path prefix under which a proxy serves it."""

from __future__ import annotations

from typing import Any

from flyte_runtime.serving.middleware import Application, Receive, Scope, Send
from flyte_runtime.serving.routes import visible_routes
from flyte_runtime.serving.scope_keys import LOCAL_PATH

__all__ = ["PREFIX_HEADER", "Prefix", "strips_root_path"]

PREFIX_HEADER = b"x-forwarded-prefix"
# Modules whose applications remove `root_path` from the path, as ASGI specifies.
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
    """Middleware that puts the prefix into `root_path` and in front of `path`, as ASGI does for mounted applications.

    A proxy that strips the prefix sends it as `X-Forwarded-Prefix`. A request without that header came by another
    address of the application, which has no prefix. `always` is for proxies that do not send the header.

    The path without the prefix stays in the scope under `scope_keys.LOCAL_PATH`.
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
    """Check whether an application, and every application mounted in it, removes `root_path` from the path.

    Other applications, such as Socket.IO's and most hand-written ones, compare the whole path and answer 404 to a path
    with a prefix. So does `FastAPI(root_path=…)`, which replaces the prefix by its own.
    """
    modules = [f"{each.__module__}." for each in type(app).__mro__]
    if "fastapi.applications." in modules and app.root_path:
        return False
    if any(module.startswith(f"{name}.") for module in modules for name in _STRIPPING):
        mounts = [route for route in visible_routes(app) or () if hasattr(route, "routes")]
        return all(strips_root_path(mount.app) for mount in mounts)
    inner = getattr(app, "app", None)  # the application inside a middleware
    return callable(inner) and inner is not app and strips_root_path(inner)
