"""What `rt.serve` puts around an application: plain ASGI, one concern each."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from typing import Any, Literal

from flyte_runtime import tracing
from flyte_runtime.contract import DEFAULT_HEALTH_PATH

__all__ = ["PROBE_PATHS", "READY_PATH", "Health", "Readiness", "Trace", "below_root"]

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

READY_PATH = "/readyz"
PROBE_PATHS = frozenset({DEFAULT_HEALTH_PATH, READY_PATH})


@dataclass
class Readiness:
    """Whether this process wants traffic, and how many requests (WebSockets not counted) are under way."""

    state: Literal["starting", "ready", "draining"] = "starting"
    requests: int = 0


class Trace:
    """Makes the trace context of the request being served the current one, so that calls made for it carry it on.

    A request without one, or with one that cannot be read, begins a trace: all calls made for it are in the same.
    """

    def __init__(self, app: Application) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        parents: list[bytes] = []
        states: list[bytes] = []
        for name, value in scope["headers"]:
            if name == b"traceparent":
                parents.append(value)
            elif name == b"tracestate":  # several are one list (W3C Trace Context §3.3.1.1)
                states.append(value)
        parent = parents[0].decode("latin-1") if len(parents) == 1 else None
        context = tracing.parse(parent, b",".join(states).decode("latin-1")) or tracing.begin()
        token = tracing.incoming.set(context)
        try:
            await self._app(scope, receive, send)
        finally:
            tracing.incoming.reset(token)


class Health:
    """Answers GET and HEAD of `/healthz` and `/readyz`, unless the application has those routes.

    `/healthz` is 200 for as long as the process serves. `/readyz` is 503 before the application has started and from
    the stop signal on, the latter also where the application has a route of its own for it.
    Where the application's routes can be seen (Starlette, FastAPI) and none takes the request, it is answered here;
    otherwise the application is asked, and its 404 becomes the answer.
    """

    def __init__(self, app: Application, readiness: Readiness | None = None) -> None:
        self._app = app
        self._readiness = readiness or Readiness("ready")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        self._readiness.requests += 1
        try:
            await self._http(scope, receive, _Closing(send, self._readiness))
        finally:
            self._readiness.requests -= 1

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = below_root(scope)
        if path not in PROBE_PATHS or scope["method"] not in {"GET", "HEAD"}:
            await self._app(scope, receive, send)
            return
        status, word = self._answer(path)
        answer = _Answer(send, scope["method"], status, word)
        if word == "draining" or _has_no_route(self._app, scope):
            await answer.give()
        else:
            await self._app(scope, receive, answer.unless_missing)

    def _answer(self, path: str) -> tuple[int, str]:
        if path == DEFAULT_HEALTH_PATH:
            return 200, "ok"
        state = self._readiness.state
        return (200 if state == "ready" else 503), state


def below_root(scope: Scope) -> str:
    """The path as the application knows it: uvicorn puts the root path, which the proxy has stripped, in front again
    (ASGI's rule)."""
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


class _Answer:
    """What a probe is told: by `give` at once, by `unless_missing` in place of the application's 404."""

    def __init__(self, send: Send, method: str, status: int, word: str) -> None:
        self._send = send
        self._status = status
        body = f'{{"status":"{word}"}}'.encode()
        self._headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
        self._body = b"" if method == "HEAD" else body
        self._given = False

    async def give(self) -> None:
        self._given = True
        await self._send({"type": "http.response.start", "status": self._status, "headers": self._headers})
        await self._send({"type": "http.response.body", "body": self._body})

    async def unless_missing(self, message: Message) -> None:
        if message["type"] == "http.response.start" and message["status"] == 404:
            await self.give()
        elif not self._given:
            await self._send(message)


class _Closing:
    """A `send` that, while the process drains, asks the client to close the connection with the answer."""

    def __init__(self, send: Send, readiness: Readiness) -> None:
        self._send = send
        self._readiness = readiness

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start" and self._readiness.state == "draining":
            message = {**message, "headers": [*message.get("headers", ()), (b"connection", b"close")]}
        await self._send(message)
