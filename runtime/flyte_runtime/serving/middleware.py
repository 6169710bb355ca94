"""The ASGI middleware that `rt.serve` puts around an application."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

from flyte_runtime.contract import DEFAULT_HEALTH_PATH
from flyte_runtime.observability import tracing
from flyte_runtime.serving.routes import Owner, owner_of

__all__ = [
    "PROBE_PATHS",
    "READY_PATH",
    "Application",
    "Health",
    "Message",
    "Readiness",
    "Receive",
    "Scope",
    "Send",
    "Trace",
]

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

READY_PATH = "/readyz"
PROBE_PATHS = frozenset({DEFAULT_HEALTH_PATH, READY_PATH})


@dataclass
class Readiness:
    """The state of the process, and its requests (not counting WebSockets).

    requests: the number of requests under way.
    latest: the time of the last request, on time.monotonic()'s clock.
    """

    state: Literal["starting", "ready", "draining"] = "starting"
    requests: int = 0
    latest: float = 0.0


class Trace:
    """Middleware that makes the trace context of a request the current one, so that calls carry it.

    A request without a valid trace context starts a new trace, which all its calls share.
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
            elif name == b"tracestate":  # several headers form one list (W3C Trace Context §3.3.1.1)
                states.append(value)
        parent = parents[0].decode("latin-1") if len(parents) == 1 else None
        context = tracing.parse(parent, b",".join(states).decode("latin-1")) or tracing.begin()
        token = tracing.incoming.set(context)
        try:
            await self._app(scope, receive, send)
        finally:
            tracing.incoming.reset(token)


class Health:
    """Middleware that answers GET and HEAD of `/healthz` and `/readyz`, unless the application has those routes.

    `/healthz` answers 200 while the process serves. `/readyz` answers 503 until the application has started, and again
    after the stop signal. After the stop signal it does so even if the application has a route for it.

    `owner` tells who owns a path (see `routes.owner_of`). If that is unknown, the request goes to the application. A
    success or a server error is the answer of a health route, so it is passed on. Any other status (404, 405, a 401, a
    redirect to a login) means that the application has no such route.
    """

    def __init__(
        self, app: Application, readiness: Readiness | None = None, owner: Callable[[Scope], Owner] | None = None
    ) -> None:
        self._app = app
        self._readiness = readiness or Readiness("ready")
        self._owner = owner or partial(owner_of, app)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        self._readiness.requests += 1
        self._readiness.latest = time.monotonic()
        try:
            await self._http(scope, receive, _Closing(send, self._readiness))
        finally:
            self._readiness.requests -= 1

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"]
        if path not in PROBE_PATHS or scope["method"] not in {"GET", "HEAD"}:
            await self._app(scope, receive, send)
            return
        status, word = self._answer(path)
        answer = _Answer(send, scope["method"], status, word)
        # A route for GET is a route for HEAD, whether or not its framework says so.
        owner = "nobody" if word == "draining" else self._owner({**scope, "method": "GET"})
        if owner == "nobody":
            await answer.send_instead()
        else:
            await self._app(scope, receive, send if owner == "application" else answer.unless_owned)

    def _answer(self, path: str) -> tuple[int, str]:
        if path == DEFAULT_HEALTH_PATH:
            return 200, "ok"
        state = self._readiness.state
        return (200 if state == "ready" else 503), state


class _Answer:
    """The answer to a probe.

    `send_instead` sends it. `unless_owned` is a `send` for the application, which replaces an answer that does not come
    from a health route.
    """

    def __init__(self, send: Send, method: str, status: int, word: str) -> None:
        self._send = send
        self._status = status
        body = f'{{"status":"{word}"}}'.encode()
        self._headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
        self._body = b"" if method == "HEAD" else body
        self._sent = False

    async def send_instead(self) -> None:
        self._sent = True
        await self._send({"type": "http.response.start", "status": self._status, "headers": self._headers})
        await self._send({"type": "http.response.body", "body": self._body})

    async def unless_owned(self, message: Message) -> None:
        if message["type"] == "http.response.start" and 300 <= message["status"] < 500:
            await self.send_instead()
        elif not self._sent:
            await self._send(message)


class _Closing:
    """A `send` that asks the client to close the connection while the process drains."""

    def __init__(self, send: Send, readiness: Readiness) -> None:
        self._send = send
        self._readiness = readiness

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start" and self._readiness.state == "draining":
            message = {**message, "headers": [*message.get("headers", ()), (b"connection", b"close")]}
        await self._send(message)
