"""A request body that is read while it is sent: a file, an iterator or an async iterator."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx

from flyte_runtime.errors import InvalidCall

__all__ = ["Upload"]

_END = object()


class Upload(httpx.AsyncByteStream):
    """A request body that can be sent only once.

    `source` is httpx's stream for the body. `begun` is true once reading has started. `failure` is the error that the
    caller's body raised.
    """

    def __init__(self, source: Any) -> None:
        self.begun = False
        self.failure: Exception | None = None
        self._source = source

    async def __aiter__(self) -> AsyncIterator[bytes]:
        if self.begun:  # aiohttp tries a second time by itself, and would send only the rest of the body
            raise httpx.StreamConsumed
        self.begun = True
        pieces = self._source if isinstance(self._source, httpx.AsyncByteStream) else _in_a_thread(self._source)
        try:
            async for piece in pieces:
                if not isinstance(piece, (bytes, bytearray, memoryview)):
                    msg = f"the body is made of {type(piece).__name__}: expected bytes"
                    raise InvalidCall(msg)
                yield bytes(piece)
        except Exception as error:
            self.failure = error
            raise


async def _in_a_thread(source: Any) -> AsyncIterator[Any]:
    """Read the pieces in a thread: they may come from a file or a computation that would block the event loop."""
    pieces = iter(source)
    while (piece := await asyncio.to_thread(next, pieces, _END)) is not _END:
        yield piece
