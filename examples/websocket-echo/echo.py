"""Sends each message back. A client that does not read, or sends too much, is closed and holds up nobody."""

import flyte_runtime as rt
from fastapi import FastAPI, WebSocket

app = FastAPI(title="echo", lifespan=rt.lifespan)


@app.websocket("/echo")
async def echo(ws: WebSocket) -> None:
    async with rt.websockets.attend(ws) as client:
        async for message in client:
            await client.send(f"Echo: {message}")
