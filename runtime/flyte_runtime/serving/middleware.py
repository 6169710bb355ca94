"""What `rt.serve` puts around an application: plain ASGI, one concern each."""

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
    """Whether this process wants traffic, and its requests (WebSockets not counted).

    requests: how many are under way. latest: when the last one came, on time.monotonic()'s clock.
    """

    state: Literal["starting", "ready", "draining"] = "starting"
    requests: int = 0
    latest: float = 0.0


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
    `owner` says whose the path is (see `routes.owner_of`). Where that is unknown, the application is asked. Its answer
    counts if it is a success or a server error, as health routes give; any other (404, 405, a guard's 401, a redirect
    to a login) says that it has no such route.
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
            await answer.give()
        else:
            await self._app(scope, receive, send if owner == "application" else answer.unless_owned)

    def _answer(self, path: str) -> tuple[int, str]:
        if path == DEFAULT_HEALTH_PATH:
            return 200, "ok"
        state = self._readiness.state
        return (200 if state == "ready" else 503), state


class _Answer:
    """The answer to a probe. `give` sends it; `unless_owned` sends it in place of one that is no health route's."""

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

    async def unless_owned(self, message: Message) -> None:
        if message["type"] == "http.response.start" and 300 <= message["status"] < 500:
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
