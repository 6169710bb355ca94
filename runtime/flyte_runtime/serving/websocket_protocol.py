"""uvicorn's WebSocket protocol, for peers that do not read and peers that send nonsense. `rt.serve` uses it.

uvicorn closes a connection once the peer has read all that was written to it, so that a peer that reads nothing keeps
its socket and those bytes for as long as it likes, also after its eviction.
"""

from __future__ import annotations

from typing import Any

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

__all__ = ["Protocol"]

# Seconds for a peer to read what it was sent before its connection was closed.
LINGER = 10.0


class Protocol(WebSocketsSansIOProtocol):
    """Lets go of a closed connection after `LINGER` seconds, read or not, and owes no answer to who reads none."""

    async def send(self, message: Any) -> None:
        """A closing frame waits for nobody: it goes behind what the peer has not read."""
        deaf = message["type"] == "websocket.close" and not self.writable.is_set()
        if deaf:
            self.writable.set()
        await super().send(message)
        if deaf:
            self._let_go()

    async def run_asgi(self) -> None:
        """The application is done with the connection."""
        try:
            await super().run_asgi()
        finally:
            self._let_go()

    def shutdown(self) -> None:
        """The server stops."""
        super().shutdown()
        self._let_go()

    def keepalive_timeout(self) -> None:
        """The peer has answered no ping."""
        super().keepalive_timeout()
        self._let_go()

    def handle_ping(self) -> None:
        """Pings of a peer that reads no pongs would fill the memory; a pong for each is not asked (RFC 6455 §5.5.3)."""
        if self.writable.is_set():
            super().handle_ping()
        else:
            self.conn.data_to_send()

    def send_receive_event_to_app(self) -> None:
        """Text that is none is closed with 1007; uvicorn would log the peer's mistake as an error of the server's."""
        if self.curr_msg_data_type == "text" and not self.close_sent:
            try:
                b"".join(self.frames).decode()
            except UnicodeDecodeError:
                self.conn.fail(1007, "text is not UTF-8")
                self.handle_parser_exception()
                return
        super().send_receive_event_to_app()

    def _let_go(self) -> None:
        if self.transport.get_write_buffer_size():
            self.loop.call_later(LINGER, self.transport.abort)

    def data_received(self, data: bytes) -> None:
        """What cannot be made an ASGI event is the peer's fault, and its connection's end."""
        try:
            super().data_received(data)
        except (UnicodeError, AssertionError):
            self.transport.abort()
