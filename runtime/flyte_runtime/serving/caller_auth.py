"""The ASGI middleware that admits only the declared callers of an app, and tells the application who calls.

`request.state.caller` is the caller's `Identity`, with `kind`, `project`, `domain` and `name`.
"""

from __future__ import annotations

import json
import logging
import os
from typing import TYPE_CHECKING

from flyte_runtime.contract import CREDENTIAL_HEADER, DEFAULT_HEALTH_PATH, HEALTH_PATH_VARIABLE, Auth, Identity
from flyte_runtime.errors import BadWiring, ServeError
from flyte_runtime.observability import log_lines
from flyte_runtime.serving.middleware import READY_PATH, Application, Message, Receive, Scope, Send

if TYPE_CHECKING:
    from flyte_runtime.serving.credentials import Verifier

__all__ = ["CallerAuth"]

_HEADER = CREDENTIAL_HEADER.lower().encode()
_POLICY_VIOLATION = 1008


class CallerAuth:
    """Middleware that refuses calls without a valid credential: 401 for HTTP and for WebSocket handshakes.

    GET and HEAD of the health paths need no credential, since probes carry none. If the platform's front door already
    refuses strangers (`auth.enforced_by`), all calls pass, and a caller that is not declared appears as None.
    Raises ServeError if this image cannot verify credentials, and BadWiring if a key cannot be read.
    """

    def __init__(self, app: Application, auth: Auth) -> None:
        self._app = app
        self._enforced = auth.enforced_by == "app"
        self._realm = auth.audience
        self._verifier = _verifier(auth)
        self._open = {DEFAULT_HEALTH_PATH, READY_PATH, os.environ.get(HEALTH_PATH_VARIABLE) or DEFAULT_HEALTH_PATH}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        verdict = self._verifier.verify(_credential(scope))
        caller = verdict if isinstance(verdict, Identity) else None
        if not isinstance(verdict, Identity) and self._enforced and not self._is_probe(scope):
            method, path = scope.get("method", "WEBSOCKET"), scope["path"]
            refusal = {"event": "caller_refused", "method": method, "path": path, "reason": verdict.reason}
            log_lines.write(log_lines.AUDIT, logging.WARNING, refusal)
            await _refuse(scope, receive, send, self._realm, verdict.reason)
            return
        scope.setdefault("state", {})["caller"] = caller
        await self._app(scope, receive, send)

    def _is_probe(self, scope: Scope) -> bool:
        if scope["type"] != "http" or scope["method"] not in {"GET", "HEAD"}:
            return False
        return scope["path"] in self._open


def _verifier(auth: Auth) -> Verifier:
    try:
        from flyte_runtime.serving.credentials import Verifier
    except ImportError as error:
        # Without the check, the app would be open to everybody.
        msg = (
            f"the app {auth.audience} requires credentials of its callers, and this image cannot verify them"
            f" ({error.name} is missing): pip install 'pyjwt[crypto]'"
        )
        raise ServeError(msg) from None
    try:
        return Verifier(auth)
    except ValueError as error:
        msg = f"{error}: deploy the app again"
        raise BadWiring(msg) from None


def _credential(scope: Scope) -> str | None:
    """Return the value of the header. Two headers count as none, since they could name two callers."""
    values = [value for name, value in scope["headers"] if name == _HEADER]
    return values[0].decode("latin-1") if len(values) == 1 else None


async def _refuse(scope: Scope, receive: Receive, send: Send, realm: str, reason: str) -> None:
    body = json.dumps(
        {
            "error": f"{realm} takes calls of its declared callers only: {reason}. In the Pulumi program, pass the App"
            " in the caller's inputs and call it through flyte_runtime.app(alias)"
        }
    ).encode()
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode()),
        (b"www-authenticate", f'{CREDENTIAL_HEADER} realm="{realm}"'.encode()),
        (b"cache-control", b"no-store"),
    ]
    kind = "http.response"
    if scope["type"] == "websocket":
        await receive()
        if "websocket.http.response" not in scope.get("extensions", {}):
            await send({"type": "websocket.close", "code": _POLICY_VIOLATION, "reason": reason})
            return
        kind = "websocket.http.response"
    start: Message = {"type": f"{kind}.start", "status": 401, "headers": headers}
    await send(start)
    await send({"type": f"{kind}.body", "body": body})
