"""Passes the bytes of a WebSocket between a client and an app, after the handshake.

Client and app agree on everything in the handshake (subprotocol, compression), so the frames of each are valid for the
other. Messages, pings and closing codes pass unread. If one side ends without a close frame, the proxy sends one.
"""

from __future__ import annotations

import asyncio

from flyte_local.proxy.frames import Frames, close_frame
from flyte_local.web.upgrade import NextProtocol

_GOING_AWAY = 1001
_RESTARTING = 1012


class Tunnel:
    """A client and an app. `client` and `app` are the protocols for their transports."""

    def __init__(self) -> None:
        self.client = _End(self, masks=False)
        self.app = _End(self, masks=True)
        self.client.other, self.app.other = self.app, self.client
        self._over = asyncio.get_running_loop().create_future()

    async def run(self, first: bytes) -> None:
        """Return once both connections have ended. `first` are bytes that the app has sent already."""
        try:
            self.app.data_received(first)
            if self.app.lost:
                self.client.close(_GOING_AWAY)
            await self._over
        finally:
            self.client.abort()
            self.app.abort()

    def ended(self) -> None:
        """Note that one of the ends has ended."""
        if self.client.lost and self.app.lost and not self._over.done():
            self._over.set_result(None)


class _End(NextProtocol):
    """One of the two connections. It passes its bytes to the other one, at the pace of the slower one."""

    other: _End

    def __init__(self, tunnel: Tunnel, *, masks: bool) -> None:
        self.lost = False
        self._tunnel = tunnel
        self._masks = masks
        self._frames = Frames()
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # type: ignore[assignment]

    def data_received(self, data: bytes) -> None:
        self._frames.see(data)
        there = self.other._transport
        if there is not None and not there.is_closing():
            there.write(data)

    def connection_lost(self, exc: Exception | None) -> None:
        self.lost = True
        self.other.close(_GOING_AWAY)
        self._tunnel.ended()

    def pause_writing(self) -> None:
        there = self.other._transport
        if there is not None and not there.is_closing():
            there.pause_reading()

    def resume_writing(self) -> None:
        there = self.other._transport
        if there is not None and not there.is_closing():
            there.resume_reading()

    def shutdown(self) -> None:
        self.other.close(_RESTARTING)
        self.close(_RESTARTING)

    def close(self, code: int) -> None:
        """Close this connection, with a closing code if the other side sent none and is not within a frame."""
        if self._transport is None or self._transport.is_closing():
            return
        sent_by_other = self.other._frames
        if sent_by_other.between and not sent_by_other.closed:
            self._transport.write(close_frame(code, masked=self._masks))
        self._transport.close()

    def abort(self) -> None:
        """End this connection at once."""
        if self._transport is not None:
            self._transport.abort()
