"""uvicorn's WebSocket protocol, for peers that do not read and peers that send nonsense. `rt.serve` uses it.

uvicorn closes a connection once the peer has read all that was written to it, so that a peer that reads nothing keeps
its socket and those bytes for as long as it likes, also after its eviction.
"""

from __future__ import annotations

from flyte_runtime.serving.uvicorn_internals import WebSocketConnection

__all__ = ["Protocol"]

# Seconds for a peer to read what it was sent before its connection was closed.
LINGER = 10.0


class Protocol(WebSocketConnection):
    """Aborts a closed connection after `LINGER` seconds, even if the peer has not read everything."""

    def on_finished(self) -> None:
        """Called when the server has no more to do with the connection."""
        if self.transport.get_write_buffer_size():
            self.loop.call_later(LINGER, self.transport.abort)

    def data_received(self, data: bytes) -> None:
        """Abort on bytes that cannot become an ASGI event: they are the peer's fault."""
        try:
            super().data_received(data)
        except (UnicodeError, AssertionError):
            self.transport.abort()
