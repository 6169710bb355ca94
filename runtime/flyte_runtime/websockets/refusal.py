"""Turn a client away: before the handshake with an HTTP status, after it with a closing code."""

from __future__ import annotations

from contextlib import suppress

from flyte_runtime.errors import FlyteRuntimeError
from flyte_runtime.websockets.admission import Refusal
from flyte_runtime.websockets.socket import ServerSocket, is_accepted
from flyte_runtime.websockets.uvicorn_internals import SilentlyClosed

__all__ = ["Refused", "accept", "refuse"]


class Refused(FlyteRuntimeError, SilentlyClosed):
    """The client was turned away and has its answer; the handler ends here, and uvicorn logs nothing of it."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.reason)
        self.status = refusal.status
        self.reason = refusal.reason


async def accept(ws: ServerSocket, subprotocol: str | None) -> None:
    """Answer the handshake, unless the handler has. Raises Refused where the client has gone meanwhile."""
    if is_accepted(ws):
        return
    try:
        await ws.accept(subprotocol=subprotocol)
    except Exception as error:  # servers and frameworks have classes of their own for it
        raise Refused(Refusal(499, 1006, "the client left during the handshake")) from error


async def refuse(ws: ServerSocket, refusal: Refusal) -> Refused:
    """Answer with the refusal; what to raise then. A client that has gone meanwhile needs no answer."""
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
