"""Takes a connection out of aiohttp's client when an answer has switched it to another protocol.

aiohttp has no documented way to do that: its `ws_connect` parses the messages itself. This module uses the same public
names as `ws_connect`. Checked with aiohttp 3.14. A documented way would let it go; there is no upstream issue for one
yet.
"""

from __future__ import annotations

import asyncio

from aiohttp import ClientResponse
from aiohttp.client_proto import ResponseHandler


class _Collector:
    """A parser, in the sense of `ResponseHandler.set_parser`, that collects bytes."""

    def __init__(self) -> None:
        self.data = b""

    def feed_data(self, data: bytes) -> tuple[bool, bytes]:
        """Called by aiohttp with the bytes that have arrived."""
        self.data += data
        return False, b""

    def feed_eof(self) -> None:
        """Called by aiohttp when the connection ends."""


def take_over(response: ClientResponse, protocol: asyncio.Protocol) -> bytes:
    """Give the connection of a 101 response to another protocol, and return the bytes that followed the response.

    The caller closes the response when the connection has ended.
    """
    connection = response.connection
    handler = connection.protocol if connection is not None else None
    transport = handler.transport if isinstance(handler, ResponseHandler) else None
    if transport is None:
        protocol.connection_lost(None)
        return b""
    collector = _Collector()
    assert isinstance(handler, ResponseHandler)
    handler.set_parser(collector, None)
    transport.set_protocol(protocol)
    protocol.connection_made(transport)
    return collector.data
