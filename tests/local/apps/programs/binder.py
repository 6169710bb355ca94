"""Binds port 8080 as argv says (how, host); prints the addresses it got and to whom a connection there led."""

import asyncio
import json
import socket
import sys

how, host = sys.argv[1], None if sys.argv[2] == "None" else sys.argv[2]


async def ask(*listeners: socket.socket) -> None:
    _, writer = await asyncio.open_connection("::1" if host == "::" and how != "both" else "127.0.0.1", 8080)
    peer = writer.get_extra_info("peername")[:2]
    writer.close()
    print(json.dumps([sorted(listener.getsockname()[:2] for listener in listeners), peer]))


async def serve() -> None:
    async with await asyncio.start_server(lambda _reader, writer: writer.close(), host, 8080) as server:
        await ask(*server.sockets)


async def listen(listener: socket.socket) -> None:
    await ask(listener)
    listener.close()


if how == "uvloop":
    import uvloop

    uvloop.run(serve())
elif how == "asyncio":
    asyncio.run(serve())
elif how == "both":
    asyncio.run(listen(socket.create_server((host or "", 8080), family=socket.AF_INET6, dualstack_ipv6=True)))
else:
    asyncio.run(listen(socket.create_server((host or "", 8080))))
