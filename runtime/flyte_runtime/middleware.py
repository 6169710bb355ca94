"""What `rt.serve` puts around an application: plain ASGI, one concern each."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from flyte_runtime import tracing
from flyte_runtime.contract import DEFAULT_HEALTH_PATH

__all__ = ["Health", "Trace"]

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

_BODY = b'{"status":"ok"}'


class Trace:
    """Makes the trace context of the request being served the current one, so that calls made for it carry it on."""

    def __init__(self, app: Application) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        parent = state = None
        for name, value in scope["headers"]:
            if name == b"traceparent":
                parent = value.decode("latin-1")
            elif name == b"tracestate":
                state = value.decode("latin-1")
        token = tracing.incoming.set(tracing.parse(parent, state or ""))
        try:
            await self._app(scope, receive, send)
        finally:
            tracing.incoming.reset(token)


class Health:
    """Answers GET and HEAD `/healthz` with 200, unless the application has that route.

    Where the application's routes can be seen (Starlette, FastAPI) and none takes it, it is answered here; otherwise
    the application is asked, and its 404 becomes the 200.
    """

    def __init__(self, app: Application, path: str = DEFAULT_HEALTH_PATH) -> None:
        self._app = app
        self._path = path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] not in {"GET", "HEAD"} or self._below_root(scope) != self._path:
            await self._app(scope, receive, send)
            return
        if _has_no_route(self._app, scope):
            await _healthy(send, scope["method"])
        else:
            await self._app(scope, receive, _UnlessMissing(send, scope["method"]))

    @staticmethod
    def _below_root(scope: Scope) -> str:
        # uvicorn puts the root path, which the proxy has stripped, in front of the path again (ASGI's rule).
        path: str = scope["path"]
        return path.removeprefix(scope.get("root_path", ""))


def _has_no_route(app: Any, scope: Scope) -> bool:
    """Whether it can be seen that none of the application's routes takes the request. One that does may still be a
    mount or a catch-all that knows nothing of health."""
    routes = getattr(app, "routes", None)
    if not isinstance(routes, list):
        return False
    probe = dict(scope)
    for route in routes:
        matches = getattr(route, "matches", None)
        if matches is None or matches(probe)[0].value:  # starlette.routing.Match: NONE is 0
            return False
    return True


class _UnlessMissing:
    """A `send` that turns a 404 into the healthy answer."""

    def __init__(self, send: Send, method: str) -> None:
        self._send = send
        self._method = method
        self._replaced = False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start" and message["status"] == 404:
            self._replaced = True
            await _healthy(self._send, self._method)
        elif not self._replaced:
            await self._send(message)


async def _healthy(send: Send, method: str) -> None:
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(_BODY)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if method == "HEAD" else _BODY})
