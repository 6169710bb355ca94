"""The undocumented parts of uvicorn, behind descriptive names. Checked with uvicorn 0.54.

uvicorn takes a class of its user for `http=` (github.com/Kludex/uvicorn/issues/1228), but documents neither the methods
that it calls on the class nor a class to derive it from. A public base class would let all of `HttpConnection` go;
there is no upstream issue for one yet.
"""

from __future__ import annotations

import socket
from collections.abc import Callable

import uvicorn
from starlette.types import ASGIApp, Scope
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

End = tuple[str, int | None]
"""The address of one end of a connection."""


class HttpConnection(HttpToolsProtocol):
    """One client's connection.

    A subclass overrides the callbacks of asyncio and httptools and `shutdown`, which the server calls when it ends. It
    uses `transport`, `loop` and the methods below, and nothing else of uvicorn's.
    """

    def ends(self) -> tuple[End, End] | None:
        """Return the client's address and the server's, or None where the socket does not say."""
        return (self.client, self.server) if self.client and self.server else None

    def serve_with(self, application: ASGIApp) -> None:
        """Answer the requests on this connection by another application, as a refusal does for one client."""
        self.app = application

    def parse(self, data: bytes) -> None:
        """Feed the parser, which makes the callbacks. Raises httptools' errors.

        uvicorn's own `data_received` drops what follows a request for a WebSocket.
        """
        self.parser.feed_data(data)

    def stop_idle_timer(self) -> None:
        """Keep the connection, on which something arrives, beyond `timeout_keep_alive`."""
        self._unset_keepalive_if_required()

    def pause_reading(self) -> None:
        """Read no more for now."""
        self.flow.pause_reading()

    def resume_reading(self) -> None:
        """Read again."""
        self.flow.resume_reading()

    def request_scope(self) -> Scope:
        """Return the scope of the request so far, with which the application will be called."""
        return self.scope  # type: ignore[return-value]

    def asks_for_websocket(self) -> bool:
        """Return whether the request, whose head is complete, asks for a WebSocket."""
        return self.parser.should_upgrade() and self._get_upgrade() == b"websocket"

    def close_after_response(self) -> None:
        """Close the connection once the present request is answered."""
        self.cycle.keep_alive = False

    def leave_http(self) -> None:
        """End the present request without a response. The connection continues in another protocol."""
        self.cycle.disconnected = True

    def reject(self, message: str) -> None:
        """Answer 400 with an ASCII text, and close the connection."""
        self.send_400_response(message)


class Server(uvicorn.Server):
    """uvicorn's server, which calls `before_shutdown` before it waits for open requests.

    uvicorn tells an application only afterwards, by its lifespan, that the server ends: a stream without an end would
    take all of `timeout_graceful_shutdown`. There is no upstream issue for an earlier notice yet.
    """

    def __init__(self, config: uvicorn.Config, before_shutdown: Callable[[], None]) -> None:
        super().__init__(config)
        self._before_shutdown = before_shutdown

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Called by uvicorn when the server is told to end."""
        self._before_shutdown()
        await super().shutdown(sockets)
