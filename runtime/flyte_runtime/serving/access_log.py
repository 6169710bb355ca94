"""The access log: one line for each request, written when the request has ended."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Any, TypeAlias

from flyte_runtime.observability import log_lines
from flyte_runtime.serving.middleware import PROBE_PATHS, Application, Message, Receive, Scope, Send
from flyte_runtime.serving.scope_keys import ANSWERED

__all__ = ["AccessLog"]

Ending: TypeAlias = Callable[[int, BaseException | None], None]


class AccessLog:
    """Middleware that logs method, path, status, duration in milliseconds, trace and, if known, the caller.

    It never logs the query. The line of a WebSocket is written when it is closed, with its close code. Successful
    health probes are logged as DEBUG, statuses of 500 and above as WARNING.
    """

    def __init__(self, app: Application) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        exchange = scope[ANSWERED] = _Exchange(receive, send)
        started = time.monotonic()
        failure: BaseException | None = None
        try:
            await self._app(scope, exchange.receive, exchange.send)
        except BaseException as error:
            failure = error
            raise
        finally:
            _write(scope, exchange, failure is not None, round((time.monotonic() - started) * 1000, 1))
            exchange.end(failure)


class _Exchange:
    """The messages of a request. It passes them on and records the status and the close code.

    Functions added by `at_end` are called when the request has ended, with its status and the application's exception.
    """

    def __init__(self, receive: Receive, send: Send) -> None:
        self._receive, self._send = receive, send
        self._at_end: list[Ending] = []
        self.status: int | None = None
        self.code: int | None = None

    async def receive(self) -> Message:
        message = await self._receive()
        if message["type"] == "websocket.disconnect" and self.code is None:
            self.code = message.get("code")
        return message

    async def send(self, message: Message) -> None:
        kind = message["type"]
        if kind == "http.response.start" or kind == "websocket.http.response.start":
            self.status = message["status"]
        elif kind == "websocket.accept":
            self.status = 101
        elif kind == "websocket.close":
            self.code = message.get("code", 1000)
        await self._send(message)

    def at_end(self, ending: Ending) -> None:
        self._at_end.append(ending)

    def end(self, failure: BaseException | None) -> None:
        for ending in self._at_end:
            ending(self.status or 500, failure)  # without an answer, the server sends 500


def _write(scope: Scope, exchange: _Exchange, failed: bool, milliseconds: float) -> None:
    websocket = scope["type"] == "websocket"
    path = scope["path"]
    status = exchange.status
    if status is None:  # the server sends its default answer
        status = 403 if websocket and not failed else 500
    level = logging.WARNING if status >= 500 or failed else logging.INFO
    if status < 300 and path in PROBE_PATHS:
        level = logging.DEBUG
    caller: Any = (scope.get("state") or {}).get("caller")
    record = {
        "event": scope["type"],
        "method": "WEBSOCKET" if websocket else scope["method"],
        "path": path,
        "status": status,
        "duration_ms": milliseconds,
        "close_code": exchange.code if status == 101 else None,
        "failed": True if failed else None,
        "caller": getattr(caller, "subject", None),
    }
    log_lines.write(log_lines.ACCESS, level, record)
