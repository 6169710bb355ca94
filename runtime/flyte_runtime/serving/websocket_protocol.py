"""uvicorn's WebSocket protocol, hardened against peers that do not read or that send invalid data.

uvicorn closes a connection only after the peer has read everything that was written to it. A peer that does not read
would keep its socket and those bytes in memory for ever, even after the application has closed the connection.
"""

from __future__ import annotations

from flyte_runtime.serving.uvicorn_internals import WebSocketConnection

__all__ = ["Protocol"]

# Seconds that a peer has to read the rest after its connection was closed.
LINGER = 10.0


class Protocol(WebSocketConnection):
    """Aborts a closed connection after `LINGER` seconds, even if the peer has not read everything."""

    def on_finished(self) -> None:
        """Called when the server has finished with the connection."""
        if self.transport.get_write_buffer_size():
            self.loop.call_later(LINGER, self.transport.abort)

    def data_received(self, data: bytes) -> None:
        """Abort the connection on bytes that cannot become an ASGI event."""
        try:
            super().data_received(data)
        except (UnicodeError, AssertionError):
            self.transport.abort()
