"""Refuses clients: with an HTTP status during the handshake, with a close code after it."""

from __future__ import annotations

from contextlib import suppress

from flyte_runtime.errors import FlyteRuntimeError
from flyte_runtime.websockets.admission import Refusal
from flyte_runtime.websockets.socket import ServerSocket, is_accepted
from flyte_runtime.websockets.uvicorn_internals import SilentlyClosed

__all__ = ["Refused", "accept", "refuse"]


class Refused(FlyteRuntimeError, SilentlyClosed):
    """The client was refused and has its answer. It ends the handler, and uvicorn does not log it."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.reason)
        self.status = refusal.status
        self.reason = refusal.reason


async def accept(ws: ServerSocket, subprotocol: str | None) -> None:
    """Accept the handshake, unless the handler has done so. Raises Refused if the client has left meanwhile."""
    if is_accepted(ws):
        return
    try:
        await ws.accept(subprotocol=subprotocol)
    except Exception as error:  # each server and framework has another class for a lost connection
        raise Refused(Refusal(499, 1006, "the client left during the handshake")) from error


async def refuse(ws: ServerSocket, refusal: Refusal) -> Refused:
    """Send the refusal to the client, unless it has left, and return the error to raise."""
    with suppress(Exception):
        if is_accepted(ws):
            await ws.send({"type": "websocket.close", "code": refusal.code, "reason": refusal.reason})
            return Refused(refusal)
        await ws.receive()  # websocket.connect
        if "websocket.http.response" not in (ws.scope.get("extensions") or {}):
            await ws.send({"type": "websocket.close", "code": refusal.code, "reason": refusal.reason})
            return Refused(refusal)
        body = refusal.reason.encode()
        headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", str(len(body)).encode())]
        if refusal.status in (429, 503):
            headers.append((b"retry-after", b"1"))
        await ws.send({"type": "websocket.http.response.start", "status": refusal.status, "headers": headers})
        await ws.send({"type": "websocket.http.response.body", "body": body})
    return Refused(refusal)
