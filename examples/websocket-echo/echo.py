"""Sends back what it gets. One that sends without reading, or without end, is closed and holds up nobody."""

import flyte_runtime as rt
from fastapi import FastAPI, WebSocket

app = FastAPI(title="echo", lifespan=rt.lifespan)


@app.websocket("/echo")
async def echo(ws: WebSocket) -> None:
    async with rt.websockets.attend(ws) as client:
        async for message in client:
            await client.send(f"Echo: {message}")
