"""A gateway on the node's address, before the local control plane, which listens on loopback and stays there.

Pods have networks of their own, so loopback of the node is out of their reach. The control plane takes requests for
its own host alone, so the gateway names that one. Run as a module with the port of the control plane. It prints its own
port once it listens there.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import sys

from tests.kubernetes.cluster.home import ADDRESS

_HOST = re.compile(rb"\r\nhost:[^\r]*", re.IGNORECASE)
_CONNECTION = re.compile(rb"\r\nconnection:[^\r]*", re.IGNORECASE)
_UPGRADE = re.compile(rb"\r\nupgrade:", re.IGNORECASE)
_LONGEST_HEAD = 2**16


def rewritten(head: bytes, port: int) -> bytes:
    """Return the head of a request with the control plane's host, for one request a connection."""
    head = _HOST.sub(b"\r\nHost: 127.0.0.1:%d" % port, head, count=1)
    if _UPGRADE.search(head):
        return head
    return _CONNECTION.sub(b"", head).removesuffix(b"\r\n\r\n") + b"\r\nConnection: close\r\n\r\n"


async def forward(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, port: int) -> None:
    """Pass one connection on."""
    with contextlib.closing(writer), contextlib.suppress(OSError, asyncio.IncompleteReadError):
        head = await reader.readuntil(b"\r\n\r\n")
        upstream_reader, upstream = await asyncio.open_connection("127.0.0.1", port)
        with contextlib.closing(upstream):
            upstream.write(rewritten(head, port))
            requests = asyncio.ensure_future(_copy(reader, upstream))
            await _copy(upstream_reader, writer)  # the control plane closes when it has answered
            requests.cancel()


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while chunk := await reader.read(2**16):
            writer.write(chunk)
            await writer.drain()


async def serve(port: int) -> None:
    """Listen on the node's address until the process ends."""
    server = await asyncio.start_server(
        lambda reader, writer: forward(reader, writer, port), ADDRESS, limit=_LONGEST_HEAD
    )
    print(server.sockets[0].getsockname()[1], flush=True)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1])))
